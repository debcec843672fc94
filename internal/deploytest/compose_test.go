package deploytest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"drumbeat/internal/config"
)

const root = "../.."

// secrets are what a user must set.
var secrets = []string{"POSTGRES_PASSWORD=p", "REDIS_PASSWORD=r", "DRUMBEAT_SECRET=0123456789abcdef"}

func load(t *testing.T, env []string) (*types.Project, error) {
	t.Helper()
	dir, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "docker-compose.yml")},
		cli.WithWorkingDirectory(dir), cli.WithName("drumbeat"), cli.WithEnv(env),
		cli.WithoutEnvironmentResolution) // a .env of one's own is not what is tested
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEverySecretMustBeSet(t *testing.T) {
	for i, missing := range secrets {
		name, _, _ := strings.Cut(missing, "=")
		_, err := load(t, slices.Delete(slices.Clone(secrets), i, i+1))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v; want an error that names it", name, err)
		}
	}
}

func TestTheServices(t *testing.T) {
	got := project(t).ServiceNames()
	slices.Sort(got)
	if want := []string{"door", "migrate", "postgres", "redis", "serve", "worker"}; !slices.Equal(got, want) {
		t.Errorf("services = %v, want %v", got, want)
	}
}

func TestNothingIsPublishedBeyondThisMachine(t *testing.T) {
	for name, service := range project(t).Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q, want 127.0.0.1", name, port.Published, port.HostIP)
			}
		}
		if service.NetworkMode == "host" {
			t.Errorf("%s is on the host's network", name)
		}
	}
}

func TestTheWorkerScales(t *testing.T) {
	worker := project(t).Services["worker"]
	if worker.ContainerName != "" || len(worker.Ports) > 0 {
		t.Errorf("worker has the name %q and the ports %v; a second one could not start", worker.ContainerName, worker.Ports)
	}
}

func TestBothStoresSurviveARestart(t *testing.T) {
	p := project(t)
	for service, target := range map[string]string{"postgres": "/var/lib/postgresql/data", "redis": "/data"} {
		if !slices.ContainsFunc(p.Services[service].Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Type == types.VolumeTypeVolume && v.Target == target
		}) {
			t.Errorf("%s has no volume at %s", service, target)
		}
	}
	command := strings.Join(p.Services["redis"].Command, " ")
	for _, want := range []string{"--appendonly yes", "--maxmemory-policy noeviction", "--requirepass r"} {
		if !strings.Contains(command, want) {
			t.Errorf("redis runs as %q, without %q", command, want)
		}
	}
}

// A worker waits up to 45 s for open dots; less would cut mails off.
func TestStoppingIsPatient(t *testing.T) {
	for _, name := range []string{"serve", "worker"} {
		grace := project(t).Services[name].StopGracePeriod
		if grace == nil || time.Duration(*grace) < time.Minute {
			t.Errorf("%s: stop_grace_period = %v, want 60s", name, grace)
		}
	}
}

func TestEveryServerIsAskedForItsHealthAndWaitedFor(t *testing.T) {
	p := project(t)
	for _, name := range []string{"postgres", "redis", "serve", "worker"} {
		if check := p.Services[name].HealthCheck; check == nil || len(check.Test) == 0 || check.Interval == nil {
			t.Errorf("%s has no health check", name)
		}
	}
	for _, name := range []string{"serve", "worker"} {
		needs := p.Services[name].DependsOn
		for service, want := range map[string]string{
			"postgres": types.ServiceConditionHealthy, "redis": types.ServiceConditionHealthy,
			"migrate": types.ServiceConditionCompletedSuccessfully,
		} {
			if got := needs[service].Condition; got != want {
				t.Errorf("%s waits for %s: %q, want %q", name, service, got, want)
			}
		}
	}
}

func TestDrumbeatRunsWithoutRights(t *testing.T) {
	for _, name := range []string{"migrate", "serve", "worker"} {
		service := project(t).Services[name]
		if !service.ReadOnly || !slices.Contains(service.CapDrop, "ALL") || service.Privileged {
			t.Errorf("%s: read_only = %v, cap_drop = %v, privileged = %v", name, service.ReadOnly, service.CapDrop, service.Privileged)
		}
	}
}

// What compose gives the containers is what the program reads, and it is accepted.
func TestTheContainersEnvironmentIsAValidConfiguration(t *testing.T) {
	for _, name := range []string{"migrate", "serve", "worker"} {
		var environ []string
		for key, value := range project(t).Services[name].Environment {
			if !slices.Contains(config.Names(), key) {
				t.Errorf("%s is given %s, which nothing reads", name, key)
			}
			environ = append(environ, key+"="+*value)
		}
		cfg, err := config.Load(environ)
		if err != nil || cfg.DatabaseURL == "" || cfg.RedisURL == "" || cfg.Secret == "" {
			t.Errorf("%s: config.Load = %v; want a database, a Redis and a secret", name, err)
		}
	}
}

func TestTheImageIsStaticAndNotRoot(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CGO_ENABLED=0", "timetzdata", "FROM scratch", "ca-certificates.crt", "USER 65532:65532", `ENTRYPOINT ["drumbeat"]`} {
		if !strings.Contains(string(content), want) {
			t.Errorf("Dockerfile lacks %q", want)
		}
	}
}

// .dockerignore lets through what it names; a new directory with sources that it
// does not name would break the image alone.
func TestTheImagesBuildSeesEverySource(t *testing.T) {
	ignore, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob(filepath.Join(root, "*", "*.go"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources found: %v", err)
	}
	for _, path := range append(sources, root+"/internal/x.go", root+"/cmd/x.go") {
		dir := filepath.Base(filepath.Dir(path))
		if !strings.Contains(string(ignore), "\n!"+dir+"\n") {
			t.Errorf(".dockerignore keeps %s out of the image's build", dir)
		}
	}
}
