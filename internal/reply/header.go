package reply

import (
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"strings"

	"golang.org/x/net/html/charset"

	"drumbeat/internal/outreach"
)

// Header is a mail header: decoded values (RFC 2047) by canonical name.
type Header map[string][]string

// Get is the first value of a name, empty when there is none.
func (h Header) Get(name string) string {
	if values := h[textproto.CanonicalMIMEHeaderKey(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values are all values of a name, top to bottom.
func (h Header) Values(name string) []string {
	return h[textproto.CanonicalMIMEHeaderKey(name)]
}

// Has tells whether a name stands in the header, even with an empty value.
func (h Header) Has(name string) bool {
	_, ok := h[textproto.CanonicalMIMEHeaderKey(name)]
	return ok
}

// wordDecoder decodes encoded words of any charset that browsers know.
func wordDecoder() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(label string, input io.Reader) (io.Reader, error) {
		return charset.NewReaderLabel(label, input)
	}}
}

// decodeHeader makes every value readable and storable. Address headers are
// decoded by the address parser, after the commas are known.
func decodeHeader(raw textproto.MIMEHeader) Header {
	decoder := wordDecoder()
	header := make(Header, len(raw))
	for name, values := range raw {
		decoded := make([]string, len(values))
		for i, value := range values {
			decoded[i] = decodeValue(decoder, value)
		}
		header[clean(name)] = decoded
	}
	return header
}

// decodeValue decodes one value; what cannot be decoded stays as it came.
func decodeValue(decoder *mime.WordDecoder, value string) string {
	value = toUTF8([]byte(value), "")
	if strings.Contains(value, "=?") {
		if decoded, err := decoder.DecodeHeader(value); err == nil {
			value = decoded
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(clean(value), "\n", " "))
}

// addresses reads the address lists of a raw header by name. Lists that break
// RFC 5322 are read for whatever addresses they hold.
func addresses(raw textproto.MIMEHeader, name string) []outreach.Address {
	var all []outreach.Address
	for _, value := range raw[textproto.CanonicalMIMEHeaderKey(name)] {
		all = append(all, parseAddresses(value)...)
		if len(all) >= maxAddresses {
			return all[:maxAddresses]
		}
	}
	return all
}

// maxAddresses bounds a hostile To line; nobody needs the hundredth Cc.
const maxAddresses = 100

func parseAddresses(value string) []outreach.Address {
	if len(value) > 64<<10 {
		value = value[:64<<10]
	}
	parser := mail.AddressParser{WordDecoder: wordDecoder()}
	value = toUTF8([]byte(value), "")
	list, err := parser.ParseList(value)
	if err != nil {
		return looseAddresses(decodeValue(wordDecoder(), value))
	}
	out := make([]outreach.Address, 0, len(list))
	for _, a := range list {
		out = append(out, outreach.Address{Name: strings.TrimSpace(clean(a.Name)), Email: strings.ToLower(clean(a.Address))})
	}
	return out
}

// looseAddresses finds what looks like an address and takes the words before
// the first one for its name.
func looseAddresses(value string) []outreach.Address {
	var out []outreach.Address
	for i, span := range addressPattern.FindAllStringIndex(value, maxAddresses) {
		address := outreach.Address{Email: strings.ToLower(value[span[0]:span[1]])}
		if i == 0 {
			address.Name = strings.Trim(value[:span[0]], " \t\"'<(,;")
		}
		out = append(out, address)
	}
	return out
}

// first is the first address of a list, the zero Address when it is empty.
func first(list []outreach.Address) outreach.Address {
	if len(list) == 0 {
		return outreach.Address{}
	}
	return list[0]
}
