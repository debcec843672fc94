-- A suppressed domain covers the hosts below it: what is asked for a lead is its host and every domain above it.
-- +goose Up

-- mail.de.acme.example gives {mail.de.acme.example, de.acme.example, acme.example}; a name without a dot gives itself.
-- +goose StatementBegin
CREATE FUNCTION host_and_above(host text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT array_agg(array_to_string(labels[i:], '.')) FROM (SELECT string_to_array(host, '.')) AS s (labels),
    generate_series(1, GREATEST(1, cardinality(labels) - 1)) AS i $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION host_and_above(text);
