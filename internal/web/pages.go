package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets/style.css
var style []byte

// pages are the templates, each with the layout around it.
type pages struct{ byName map[string]*template.Template }

func newPages(zone *time.Location) *pages {
	p := &pages{byName: make(map[string]*template.Template)}
	base := template.New("layout.html").Funcs(functions(zone))
	base = template.Must(base.ParseFS(pageFiles, "pages/layout.html", "pages/parts.html"))
	for _, name := range []string{"overview", "leads", "lead", "replies", "sends", "mailboxes", "message", "unsubscribe"} {
		p.byName[name] = template.Must(template.Must(base.Clone()).ParseFS(pageFiles, "pages/"+name+".html"))
	}
	return p
}

// write renders a page completely before the first octet goes out, so that an
// error never leaves half a page.
func (p *pages) write(w http.ResponseWriter, status int, name string, page any) {
	var b bytes.Buffer
	if err := p.byName[name].Execute(&b, page); err != nil {
		panic(err) // guard answers and logs it; a test executes every template
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the reader has gone: nothing to be done
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=300")
	_, _ = w.Write(style)
}

// Frame is what every page has around it.
type Frame struct {
	Title   string
	Nav     string // which of the links stands for this page
	Now     time.Time
	Refresh int  // seconds; 0: the page does not load itself again
	Bare    bool // without the links: a page for the world
}

func (o *operator) frame(title, nav string) Frame {
	return Frame{Title: title, Nav: nav, Now: o.Clock.Now()}
}
