// Package strictyaml reads the YAML files that teams write, and finds all that is
// wrong with one at once, each fault with its position and a way out.
//
// A kind of file is described by one tree of Types, its schema. The same tree
// checks files (Parse) and tells editors how to complete and check them
// (JSONSchema). What is left after Parse is a tree of Values that fit the schema;
// turning it into a struct needs no error handling, since what did not fit is
// already a Diagnostic and reads as absent:
//
//	schema := strictyaml.Map("A greeting.",
//		strictyaml.Required("to", strictyaml.Text("Whom to greet.")),
//		strictyaml.Optional("wait", strictyaml.Scalar("How long to wait first.", "BAD_WAIT", `3d`, schedule.ParseWait)),
//	)
//	doc := strictyaml.Parse("hello.yaml", src, schema)
//	greeting := Greeting{To: doc.Root.Get("to").Text(), Wait: strictyaml.Read[schedule.Wait](doc.Root.Get("wait"))}
//	if greeting.To == "nobody" {
//		doc.Report(doc.Root.Get("to"), "NOBODY", "name somebody", "nobody cannot be greeted")
//	}
//	return greeting, doc.Diagnostics()
//
// Refused in every file: keys that the schema does not know, keys written twice,
// a second document, anchors, aliases and merge keys, nesting beyond 32 levels,
// files beyond 1 MiB. The package reads no files: names and bytes come in.
package strictyaml
