package sequence

import "drumbeat/internal/strictyaml"

// refuseUnbuilt refuses what is read and checked and not carried out yet: to ignore
// a key that a team relies on would be worse.

func refuseUnbuilt(doc *strictyaml.Document) {
	root := doc.Root
	refuse := func(v *strictyaml.Value, key string) {
		if at := v.Key(key); at != nil {
			doc.Report(at, strictyaml.CodeUnsupported, "leave it out for now", "%q is not supported yet", key)
		}
	}
	refuse(root, "moved")
}
