import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { runPlaceOf } from './machine.ts'
import type { Subject } from './measure.ts'

/** A tool under test: tscompose, or Docker Compose on a Docker Engine. */
export interface Tool {
  readonly name: 'tscompose' | 'docker'
  /** Path of its engine's socket. */
  readonly socket: string
  run(cwd: string, ...args: string[]): Subject
}

const bare = (): NodeJS.ProcessEnv => {
  const { NODE_EXTRA_CA_CERTS: _certificates, DOCKER_HOST: _host, ...env } = process.env
  return env
}

/** Our own build, with state of its own below `folder`. */
export function tscompose(folder: string): Tool {
  const run = runPlaceOf(folder)
  const env = { ...bare(), TSCOMPOSE_ROOT: `${folder}/root`, TSCOMPOSE_RUN: run }
  return {
    name: 'tscompose',
    socket: `${run}/engine.sock`,
    run: (cwd, ...args) => ({ command: [resolve('bin/tscompose'), ...args], cwd, env }),
  }
}

/** Docker Compose against DOCKER_HOST; undefined, with the reason said, where either is not there. */
export function dockerCompose(): Tool | undefined {
  const { DOCKER_HOST } = process.env
  if (!DOCKER_HOST || spawnSync('docker-compose', ['version']).status !== 0) {
    console.log('Docker is not measured: set DOCKER_HOST to an engine and have docker-compose in PATH\n')
    return undefined
  }
  const env = { ...bare(), DOCKER_HOST }
  return {
    name: 'docker',
    socket: DOCKER_HOST.replace('unix://', ''),
    run: (cwd, ...args) => ({ command: ['docker-compose', ...args], cwd, env }),
  }
}
