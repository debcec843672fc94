package strictyaml_test

import (
	"fmt"

	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
)

func ExampleParse() {
	schema := strictyaml.Map("A greeting.",
		strictyaml.Required("to", strictyaml.Text("Whom to greet.")),
		strictyaml.Optional("wait", strictyaml.Scalar("How long to wait first.", "BAD_WAIT", "3d", schedule.ParseWait)),
	)
	doc := strictyaml.Parse("hello.yaml", []byte("to: nobody\nwiat: 3d\n"), schema)
	wait := strictyaml.ReadOr(doc.Root.Get("wait"), schedule.Wait{Days: 1})
	if to := doc.Root.Get("to"); to.Text() == "nobody" {
		doc.Report(to, "NOBODY", "name somebody", "nobody cannot be greeted")
	}
	fmt.Println("after", wait)
	for _, d := range doc.Diagnostics() {
		fmt.Printf("%s:%d:%d: %s %s; %s\n", d.File, d.Line, d.Column, d.Code, d.Message, d.Fix)
	}
	// Output:
	// after 1d
	// hello.yaml:1:5: NOBODY nobody cannot be greeted; name somebody
	// hello.yaml:2:1: UNKNOWN_KEY unknown key "wiat"; did you mean wait?
}
