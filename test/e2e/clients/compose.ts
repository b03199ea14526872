import { existsSync } from 'node:fs'

/** The program of Docker Compose, as a plugin of docker's; a command by itself, too. Name another one in DOCKER_COMPOSE. */
export const COMPOSE: string | undefined = [
  process.env['DOCKER_COMPOSE'] ?? '',
  '/usr/libexec/docker/cli-plugins/docker-compose',
  '/usr/local/lib/docker/cli-plugins/docker-compose',
].find(path => path !== '' && existsSync(path))
