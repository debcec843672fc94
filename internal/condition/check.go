package condition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

// checker allows a small part of the library's language and knows its names better
// than the library does. It keeps the first fault.
type checker struct {
	steps   []Step
	fault   *Error
	history bool // it asks what has happened
}

func (c *checker) fail(at ast.Node, fix, format string, args ...any) {
	if c.fault == nil {
		c.fault = &Error{at.Location().From, fmt.Sprintf(format, args...), fix}
	}
}

// operators lists what may stand between two values. ".." would make lists of any
// length.
var operators = []string{
	"==", "!=", "<", "<=", ">", ">=", "and", "&&", "or", "||", "in", "contains", "startsWith", "endsWith", "matches",
}

func (c *checker) node(node ast.Node) {
	switch n := node.(type) {
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
	case *ast.ArrayNode:
		for _, item := range n.Nodes {
			c.node(item)
		}
	case *ast.UnaryNode:
		c.node(n.Node)
	case *ast.BinaryNode:
		if !slices.Contains(operators, n.Operator) {
			c.fail(n, "there are "+strings.Join(operators, " "), "%q cannot be used in a condition", n.Operator)
		}
		if _, literal := n.Right.(*ast.StringNode); n.Operator == "matches" && !literal {
			c.fail(n, `matches "^[A-Z]"`, "matches takes a pattern in quotes")
		}
		c.variant(n.Left, n.Right)
		c.variant(n.Right, n.Left)
		c.node(n.Left)
		c.node(n.Right)
	case *ast.IdentifierNode:
		c.name(n)
	case *ast.MemberNode:
		c.member(n)
	case *ast.CallNode:
		c.call(n)
	case *ast.BuiltinNode:
		c.builtin(n)
	default:
		c.fail(node, "", "a condition compares fields; this is more than it can do")
	}
}

// variant holds that variant("intro") is compared with a variant that there is: a
// slip would be a no for every lead.
func (c *checker) variant(asked, with ast.Node) {
	call, isCall := asked.(*ast.CallNode)
	text, isText := with.(*ast.StringNode)
	if !isCall || !isText || text.Value == "" || len(call.Arguments) != 1 {
		return
	}
	callee, isName := call.Callee.(*ast.IdentifierNode)
	id, isID := call.Arguments[0].(*ast.StringNode)
	if !isName || !isID || callee.Value != "variant" {
		return
	}
	for _, step := range c.steps {
		if string(step.ID) == id.Value && len(step.Variants) > 0 && !slices.Contains(step.Variants, text.Value) {
			c.fail(text, "there is "+strings.Join(step.Variants, ", "), "the step %q has no variant %q", id.Value, text.Value)
		}
	}
}

func (c *checker) name(n *ast.IdentifierNode) {
	switch {
	case n.Value == "replied":
		c.history = true
	case n.Value == "lead" || n.Value == "custom":
		c.fail(n, n.Value+".NAME", "%q alone says nothing", n.Value)
	case functions[n.Value] != anyText || slices.Contains(functionNames(), n.Value):
		c.fail(n, n.Value+`("...")`, "%s needs to be called", n.Value)
	case slices.Contains(Fields(), n.Value):
		c.fail(n, "did you mean lead."+n.Value+"?", "unknown name %q", n.Value)
	default:
		fix := fmt.Sprintf("a text stands in quotes: %q", n.Value)
		if near := strictyaml.Nearest(n.Value, slices.Concat(functionNames(), roots, Fields())); near != "" {
			fix = "did you mean " + near + "?"
		}
		c.fail(n, fix, "unknown name %q", n.Value)
	}
}

// member is lead.NAME or custom.NAME.
func (c *checker) member(n *ast.MemberNode) {
	root, isName := n.Node.(*ast.IdentifierNode)
	field, isText := n.Property.(*ast.StringNode)
	switch {
	case !isName || !isText || n.Optional:
		c.fail(n, "write lead.NAME or custom.NAME", "a condition asks about fields alone")
	case root.Value == "lead":
		if !slices.Contains(Fields(), field.Value) {
			c.fail(field, meantField(field.Value), "a lead has no field %q", field.Value)
		}
	case root.Value == "custom":
		if field.Value != strings.ToLower(field.Value) {
			c.fail(field, "write custom."+strings.ToLower(field.Value), "the columns of a list have small letters")
		}
	default:
		c.fail(root, meant(root.Value, roots), "unknown name %q", root.Value)
	}
}

func meantField(name string) string {
	if near := strictyaml.Nearest(name, Fields()); near != "" {
		return "did you mean lead." + near + "?"
	}
	return "columns of your own are custom." + strings.ToLower(name)
}

// builtin is a call of a function of the library that is also one of ours, or of
// one that is not offered.
func (c *checker) builtin(n *ast.BuiltinNode) {
	if _, known := functions[n.Name]; !known {
		c.fail(n, "there are "+strings.Join(functionNames(), ", "), "%s cannot be used in a condition", n.Name)
		return
	}
	c.arguments(n, n.Name, n.Arguments)
}

func (c *checker) call(n *ast.CallNode) {
	callee, isName := n.Callee.(*ast.IdentifierNode)
	if !isName {
		c.fail(n, "", "only functions can be called")
		return
	}
	if _, known := functions[callee.Value]; !known {
		c.fail(callee, meant(callee.Value, functionNames()), "unknown function %q", callee.Value)
		return
	}
	c.arguments(n, callee.Value, n.Arguments)
}

func (c *checker) arguments(at ast.Node, function string, arguments []ast.Node) {
	if len(arguments) != 1 {
		c.fail(at, function+`("...")`, "%s takes one value", function)
		return
	}
	kind := functions[function]
	if kind == anyText {
		c.node(arguments[0])
		return
	}
	c.history = true
	text, literal := arguments[0].(*ast.StringNode)
	if !literal {
		c.fail(arguments[0], function+`("...")`, "%s takes a name in quotes", function)
		return
	}
	if kind == labelName {
		c.label(text)
		return
	}
	c.step(text, function)
}

func (c *checker) label(text *ast.StringNode) {
	var labels []string
	for _, label := range outreach.AllLabels() {
		labels = append(labels, string(label))
	}
	if !slices.Contains(labels, text.Value) {
		c.fail(text, meant(text.Value, labels), "no reply has the label %q", text.Value)
	}
}

// step holds that the step stands before and is of a kind that the function can be
// about.
func (c *checker) step(text *ast.StringNode, function string) {
	var ids []string
	for _, step := range c.steps {
		if string(step.ID) != text.Value {
			ids = append(ids, string(step.ID))
			continue
		}
		switch {
		case function == "done" && step.Mails:
			c.fail(text, fmt.Sprintf("write sent(%q)", text.Value), "%q is an email: it is sent, not done", text.Value)
		case function == "sent" && !step.Mails:
			c.fail(text, fmt.Sprintf("write done(%q)", text.Value), "%q is no email: it is done, not sent", text.Value)
		case function == "variant" && len(step.Variants) == 0:
			c.fail(text, "", "the step %q has no variants", text.Value)
		}
		return
	}
	c.fail(text, meant(text.Value, ids), "no step %q stands before this one", text.Value)
}

// meant proposes what was probably meant, else lists what there is.
func meant(word string, known []string) string {
	if near := strictyaml.Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "there is " + strings.Join(known, ", ")
}
