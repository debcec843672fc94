package postgres_test

import (
	"context"
	"sync"
	"testing"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// Of each stop a number is taken from the row of commit points when it is committed: no
// commit point of its lead has a greater one. A third of the stops come first, a third
// after the commit point, and a third race with it.
func TestAStopThatRacesWithTheCommitPointWinsOrComesAfter(t *testing.T) {
	t.Parallel()
	const leads = 60
	s := newStage(t, leads)
	c := s.committer()
	claims := s.claim(s.take(process))
	passed, stopped := make([]bool, leads), make([]int64, leads)
	commit := func(i int) {
		ok, err := c.Commit(context.Background(), outreach.CommitRequest{SendID: claims[i].ID, Fence: claims[i].Fence})
		if passed[i] = ok; err != nil {
			t.Error(err)
		}
	}
	stop := func(i int) {
		if err := s.db.StopLeads(context.Background(), []outreach.LeadID{claims[i].LeadID}, outreach.StopReplied, postgres.Act{At: morning, Actor: "test"}); err != nil {
			t.Error(err)
		}
		var err error
		if stopped[i], err = s.db.Mark(context.Background()); err != nil {
			t.Error(err)
		}
	}
	var all sync.WaitGroup
	for i := range claims {
		switch i % 3 {
		case 0:
			all.Go(func() { stop(i); commit(i) })
		case 1:
			all.Go(func() { commit(i); stop(i) })
		case 2:
			all.Go(func() { commit(i) })
			all.Go(func() { stop(i) })
		}
	}
	all.Wait()
	for i, claim := range claims {
		var row struct {
			State outreach.SendState `db:"state"`
			Seq   int64              `db:"seq"`
		}
		s.get(&row, `SELECT state, COALESCE(commit_seq, 0) AS seq FROM sends WHERE id = $1`, claim.ID)
		want := outreach.SendCancelled
		if passed[i] {
			want = outreach.SendCommitting
		}
		if row.State != want || row.Seq > stopped[i] || i%3 == 0 && passed[i] || i%3 == 1 && !passed[i] {
			t.Errorf("lead %d: passed %v, %s, commit point %d, stop %d", i, passed[i], row.State, row.Seq, stopped[i])
		}
	}
}
