// Package web shows what Drumbeat does and takes opt-outs. It has two handlers
// and listens nowhere itself: Operator for the team, which has no login and so
// answers only to loopback names, and Public for the world: unsubscribing,
// health, metrics. Pages are rendered here and work without JavaScript; what
// they show is read through the interfaces of this package. Times are sales
// times, shown in one zone that every page names.
package web
