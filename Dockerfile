# A static binary and nothing else: no shell, no package manager, not root.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# timetzdata puts the time zones into the binary: leads live in all of them.
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags="-s -w" -o /out/drumbeat ./cmd/drumbeat
# A named volume takes over the owner of the directory it is mounted on.
RUN mkdir -p /out/state /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/drumbeat /usr/local/bin/drumbeat
COPY --from=build --chown=65532:65532 /out/state /state
COPY --from=build --chown=65532:65532 /out/tmp /tmp
ENV PATH=/usr/local/bin DRUMBEAT_STATE_DIR=/state
USER 65532:65532
VOLUME /state
ENTRYPOINT ["drumbeat"]
CMD ["serve"]
