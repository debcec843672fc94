package learn
import ("testing";"os";"path/filepath";"fmt";"drumbeat/internal/classify";"sort";"math";"strconv";"drumbeat/internal/outreach")
func TestZZ(t *testing.T){
 c,err:=classify.NewUntrained(); if err!=nil{t.Fatal(err)}
 var cases []Case
 fs,_:=filepath.Glob("../data/training/*.jsonl")
 for _,f:=range fs{ h,_:=os.Open(f); cs,err:=ReadCases(h,filepath.Base(f)); if err!=nil{t.Fatal(err)}; cases=append(cases,cs...)}
 o:=Options{}
 o.Epochs,_=strconv.Atoi(os.Getenv("EP")); o.Rate,_=strconv.ParseFloat(os.Getenv("RATE"),64); o.Decay,_=strconv.ParseFloat(os.Getenv("DECAY"),64)
 held:=CrossValidate(c,cases,o)
 zzreport("cv",held)
 if os.Getenv("ERR")!=""{ n:=0; for _,h:=range held{ if h.Guess!=h.Case.Label && (os.Getenv("ERR")=="all"||string(h.Case.Label)==os.Getenv("ERR")||string(h.Guess)==os.Getenv("ERR")) { n++; fmt.Printf("%s %s>%s %.2f | %.200q\n",h.Case.Language,h.Case.Label,h.Guess,h.Belief,h.Case.ReplyText)}}; _=n}
 if f:=os.Getenv("TEST"); f!=""{ h,_:=os.Open(f); cs,err:=ReadCases(h,"test"); if err!=nil{t.Fatal(err)}
  data:=examples(c,cs); m:=Train(c,cases,o); var js []HeldOut
  for i:=range cs{ g,b:=top(classify.Softmax(m.Logits(data[i].vector),classify.May(cs[i].Input().Kind),m.Temperature)); js=append(js,HeldOut{Case:cs[i],Guess:outreach.WordLabels()[g],Belief:b})}
  fmt.Println("T",m.Temperature); zzreport("TEST",js)}
}
func zzreport(name string,held []HeldOut){
 tp,fp,fn:=map[string]float64{},map[string]float64{},map[string]float64{}; right:=0.; conf:=map[string]int{}; by:=map[string][2]int{}
 for _,h:=range held{ y,p:=string(h.Case.Label),string(h.Guess); x:=by[h.Case.Source]; x[1]++; if y==p{tp[y]++;right++; x[0]++}else{fp[p]++;fn[y]++;conf[y+">"+p]++}; by[h.Case.Source]=x}
 var macro float64; n:=0.; for _,l:=range outreach.WordLabels(){ s:=string(l); f:=2*tp[s]/(2*tp[s]+fp[s]+fn[s]+1e-9); macro+=f;n++; fmt.Printf("  %-14s P %.2f R %.2f F %.2f\n",s,tp[s]/(tp[s]+fp[s]+1e-9),tp[s]/(tp[s]+fn[s]+1e-9),f)}
 sort.SliceStable(held,func(i,j int)bool{return held[i].Belief>held[j].Belief}); k:=len(held)*3/4; sel:=0.; for _,h:=range held[:k]{if h.Guess==h.Case.Label{sel++}}
 ece:=0.; for b:=0;b<10;b++{ n,s,r:=0.,0.,0.; for _,h:=range held{ if h.Belief>float64(b)/10&&h.Belief<=float64(b+1)/10{n++;s+=h.Belief;if h.Guess==h.Case.Label{r++}}}; ece+=math.Abs(s-r)/float64(len(held))}
 fmt.Printf("%s acc %.3f macro %.3f sel75 %.3f ece %.3f by %v\n",name,right/float64(len(held)),macro/n,sel/float64(k),ece,by)
 type kv struct{k string;v int}; var cf []kv; for k,v:=range conf{cf=append(cf,kv{k,v})}; sort.Slice(cf,func(i,j int)bool{return cf[i].v>cf[j].v}); fmt.Println(cf[:min(14,len(cf))])
}
