package learn
import ("testing";"os";"path/filepath";"fmt";"drumbeat/internal/classify")
func TestZZRule(t *testing.T){
 var cases []Case
 fs,_:=filepath.Glob("../data/training/*.jsonl")
 for _,f:=range fs{ h,_:=os.Open(f); cs,_:=ReadCases(h,filepath.Base(f)); cases=append(cases,cs...)}
 tp,fp,fn:=0,0,0
 for _,k:=range cases{ r:=classify.Classify(k.Input()); y:=k.Label=="unsubscribe"; switch{ case y&&r.OptOutRule: tp++; case y: fn++; if os.Getenv("FN")!=""{fmt.Printf("FN %s %.150q\n",k.Language,k.ReplyText)}; case r.OptOutRule: fp++; fmt.Printf("FP %s %s %q | %.150q\n",k.Language,k.Label,r.Evidence[0].Text+"="+r.Evidence[0].Rule,k.ReplyText)}}
 fmt.Println(tp,fp,fn)
}
