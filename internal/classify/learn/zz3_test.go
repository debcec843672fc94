package learn
import ("testing";"os";"path/filepath";"drumbeat/internal/classify")
func TestZZWrite(t *testing.T){
 c,_:=classify.NewUntrained()
 var cases []Case
 fs,_:=filepath.Glob("../data/training/*.jsonl")
 for _,f:=range fs{ h,_:=os.Open(f); cs,err:=ReadCases(h,filepath.Base(f)); if err!=nil{t.Fatal(err)}; cases=append(cases,cs...)}
 m:=Train(c,cases,Options{}); t.Log(m.Temperature)
 os.WriteFile("../data/model.bin",m.Encode(),0o644)
}
