package learn
import ("testing";"os";"path/filepath";"fmt";"drumbeat/internal/classify";"drumbeat/internal/outreach";"encoding/json";"bufio";"time";"strings";"slices")
func TestZZDates(t *testing.T){
 c,err:=classify.New(); if err!=nil{t.Fatal(err)}
 h,_:=os.Open("/work/shared/corpus/dates.jsonl"); s:=bufio.NewScanner(h); ok,n:=0,0
 for s.Scan(){ var x struct{Text string;Received time.Time;Want []string}; json.Unmarshal(s.Bytes(),&x); r:=c.Classify(classify.Input{Text:x.Text,ReceivedAt:x.Received,Kind:"human"}); var got []string; for _,d:=range r.Days{got=append(got,d.Day.String())}; hit:=len(got)==0; if len(x.Want)>0{hit=false; for _,g:=range got{hit=hit||slices.Contains(x.Want,g)}}; n++; if hit{ok++}else{fmt.Println("DATE",x.Text,x.Want,r.Label,r.Language,r.Days)}}
 fmt.Println("dates",ok,n)
 var cases []Case
 fs,_:=filepath.Glob("../data/training/*.jsonl")
 for _,f:=range fs{ h,_:=os.Open(f); cs,_:=ReadCases(h,filepath.Base(f)); cases=append(cases,cs...)}
 if f:=os.Getenv("TEST"); f!=""{ h,_:=os.Open(f); cases,_=ReadCases(h,"test")}
 str:=func(d *outreach.Day)string{if d==nil{return ""};return d.String()}
 rr,rn,rf,fr,fn,ff:=0,0,0,0,0,0; lang,ln:=0,0; cr,cn,cf,er,en,nr,nn,pr,pn:=0,0,0,0,0,0,0,0,0; vr,vn,vf:=0,0,0
 lc:=map[string]int{}
 for _,k:=range cases{ r:=c.Classify(k.Input()); ln++; if r.Language==k.Language{lang++}else{lc[k.Language+">"+r.Language]++; if os.Getenv("L")!=""{fmt.Printf("LANG %s %s %.90q\n",k.Language,r.Language,k.ReplyText)}}
  if k.ReturnOn!=nil{rn++; if str(r.ReturnOn)==str(k.ReturnOn){rr++}else if os.Getenv("R")!=""{fmt.Printf("RET %s %s want %s got %s %v %s| %.220q\n",k.Language,k.Received.Format("2006-01-02 Mon"),str(k.ReturnOn),str(r.ReturnOn),r.Days,r.Label,k.ReplyText)}}else if r.ReturnOn!=nil{rf++; if os.Getenv("R")!=""{fmt.Printf("RETFALSE %s %s| %.220q\n",k.Label,str(r.ReturnOn),k.ReplyText)}}
  if k.FollowUpOn!=nil{fn++; if str(r.FollowUpOn)==str(k.FollowUpOn){fr++}else if os.Getenv("F")!=""{fmt.Printf("FOL %s %s want %s got %s %v %s| %.300q\n",k.Language,k.Received.Format("2006-01-02 Mon"),str(k.FollowUpOn),str(r.FollowUpOn),r.Days,r.Label,k.ReplyText)}}else if r.FollowUpOn!=nil{ff++; if os.Getenv("F")!=""{fmt.Printf("FOLFALSE %s>%s %s %v| %.220q\n",k.Label,r.Label,str(r.FollowUpOn),r.Days,k.ReplyText)}}
  norm:=func(s string)string{return strings.ToLower(strings.Join(strings.Fields(s)," "))}
  g:=r.Contact; if g==nil{g=&outreach.Contact{}}
  if k.Contact!=nil{cn++; hit:=k.Contact.Email!=""&&norm(k.Contact.Email)==norm(g.Email)||norm(k.Contact.Name)==norm(g.Name); if hit{cr++}; if k.Contact.Email!=""{en++;if norm(k.Contact.Email)==norm(g.Email){er++}}; if k.Contact.Name!=""{nn++;if norm(k.Contact.Name)==norm(g.Name){nr++}}; if k.Contact.Phone!=""{pn++;if norm(k.Contact.Phone)==norm(g.Phone){pr++}}
   if !hit&&os.Getenv("C")!=""{fmt.Printf("CON %s>%s want %+v got %+v | %.250q\n",k.Label,r.Label,*k.Contact,*g,k.ReplyText)}}else if r.Contact!=nil{cf++; if os.Getenv("C")!=""{fmt.Printf("CONFALSE %s>%s got %+v | %.250q\n",k.Label,r.Label,*g,k.ReplyText)}}
  v:=""; if k.Competitor!=nil{v=*k.Competitor}
  if v!=""{vn++; if norm(v)==norm(r.Competitor){vr++}else if os.Getenv("V")!=""{fmt.Printf("VEN %s want %q got %q %s| %.200q\n",k.Language,v,r.Competitor,r.Label,k.ReplyText)}}else if r.Competitor!=""{vf++; if os.Getenv("V")!=""{fmt.Printf("VENFALSE %s got %q %s| %.200q\n",k.Language,r.Competitor,r.Label,k.ReplyText)}}
 }
 fmt.Println("return",rr,rn,"false",rf,"follow",fr,fn,"false",ff,"lang",lang,ln,lc)
 fmt.Println("contact",cr,cn,"false",cf,"email",er,en,"name",nr,nn,"phone",pr,pn,"competitor",vr,vn,"false",vf)
}
