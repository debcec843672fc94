// Package deploytest holds Drumbeat's promises about how it is deployed against
// docker-compose.yml and the Dockerfile, with the library that docker compose
// itself reads its files with. It cannot show that images are pulled, that the
// Dockerfile builds, or that a health check succeeds.
package deploytest
