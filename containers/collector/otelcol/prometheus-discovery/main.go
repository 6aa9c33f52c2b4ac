// Prometheus' own discovery manager with its AWS discovery, and nothing that scrapes: after each update that a scrape
// manager would get, it replaces a file by the addresses. Only `npm run bench -- --peers` needs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	_ "github.com/prometheus/prometheus/discovery/aws"
)

func main() {
	configuration := flag.String("config", "", "a Prometheus configuration")
	file := flag.String("file", "", "where the addresses go, one a line")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, *configuration, *file); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, configuration, file string) error {
	logger := promslog.New(&promslog.Config{})
	loaded, err := config.LoadFile(configuration, false, logger)
	if err != nil {
		return err
	}
	scrapes, err := loaded.GetScrapeConfigs()
	if err != nil {
		return err
	}
	mechanisms := map[string]discovery.Configs{}
	for _, scrape := range scrapes {
		mechanisms[scrape.JobName] = scrape.ServiceDiscoveryConfigs
	}
	metrics, err := discovery.CreateAndRegisterSDMetrics(prometheus.DefaultRegisterer)
	if err != nil {
		return err
	}
	manager := discovery.NewManager(ctx, logger, prometheus.DefaultRegisterer, metrics)
	if manager == nil {
		return fmt.Errorf("the discovery manager cannot be made")
	}
	if err := manager.ApplyConfig(mechanisms); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- manager.Run() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			return err
		case jobs := <-manager.SyncCh():
			var addresses []byte
			for _, groups := range jobs {
				for _, group := range groups {
					for _, target := range group.Targets {
						addresses = append(append(addresses, target[model.AddressLabel]...), '\n')
					}
				}
			}
			if err := replace(file, addresses); err != nil {
				return err
			}
		}
	}
}

func replace(file string, content []byte) error {
	aside := file + ".new"
	if err := os.WriteFile(aside, content, 0o600); err != nil {
		return err
	}
	return os.Rename(aside, file)
}
