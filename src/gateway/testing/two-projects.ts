import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createConnection } from 'node:net'
import type { Dial } from '../pass-on.ts'

/** For tests: an engine that has a container, a network, a volume and an image of each of two projects, and does nothing. */
export interface TwoProjects {
  readonly dial: Dial
  /** `GET /path?query` of each call that came. */
  readonly calls: string[]
  /** What `/events` says next. */
  say(event: object): void
  close(): void
}

/** What a project has, by ids. */
export interface Things {
  readonly id: string
  readonly network: string
  readonly image: string
}

export const SHOP: Things = { id: 'a'.repeat(64), network: 'c'.repeat(64), image: `sha256:${'e'.repeat(64)}` }
export const BANK: Things = {
  id: `${'a'.repeat(8)}${'b'.repeat(56)}`,
  network: 'd'.repeat(64),
  image: `sha256:${'f'.repeat(64)}`,
}

const labelsOf = (project: string): object => ({
  'com.docker.compose.project': project,
  'traefik.enable': 'true',
})

/** An image has users of both. */
const manifests = { Manifests: [{ ImageData: { Containers: [SHOP.id, BANK.id] } }] }

/** It has names of both as well. */
const namesOf = (project: string): object => ({
  RepoTags: [`${project}:latest`, 'bank/other:1'],
  RepoDigests: [`${project}@sha256:1`, 'bank/other@sha256:1'],
})

function summary(project: string, { id, network, image }: Things): object {
  return {
    Id: id,
    Names: [`/${project}-web-1`, `/secret-app-1/${project}`],
    Image: project,
    ImageID: image,
    State: 'running',
    Command: '"redis --requirepass secret"',
    Created: 1,
    Labels: labelsOf(project),
    HostConfig: { NetworkMode: 'x', Annotations: { digest: 'secret' } },
    NetworkSettings: { Networks: { [`${project}_default`]: { NetworkID: network } } },
    Mounts: [{ Type: 'volume', Name: `${project}_anonymous` }],
  }
}

function inspect(project: string, { id }: Things): object {
  return {
    Id: id,
    Path: 'redis',
    Args: ['--requirepass', 'secret'],
    State: {
      Status: 'running',
      Error: 'exec: "secret": not found',
      Health: { Status: 'healthy', FailingStreak: 0, Log: [{ ExitCode: 0, Output: 'secret' }] },
    },
    Config: {
      ...{ Env: ['PASSWORD=secret', 'EMPTY'], Labels: labelsOf(project) },
      ...{ Cmd: ['--requirepass', 'secret'], Entrypoint: ['redis'] },
      Healthcheck: { Test: ['CMD-SHELL', 'redis-cli -a secret ping'], Interval: 1 },
    },
    HostConfig: {
      LogConfig: { Type: 'splunk', Config: { token: 'secret' } },
      Annotations: { digest: 'secret' },
    },
    TscomposeInjected: 'secret',
  }
}

function network(project: string, { network: id }: Things): object {
  const Containers = { [SHOP.id]: { Name: 'shop-web-1' }, [BANK.id]: { Name: 'bank-web-1' } }
  return { Id: id, Name: `${project}_default`, Labels: labelsOf(project), Containers }
}

function volume(Name: string, labels: object | null): object {
  return { Name, Labels: labels, Options: { o: 'password=secret' } }
}

const PROJECTS = { shop: SHOP, bank: BANK }

const VOLUMES = Object.keys(PROJECTS).flatMap(project => [
  volume(`${project}_data`, labelsOf(project)),
  volume(`${project}_anonymous`, null),
])

/** What an engine answers to a path; its filters are those by label alone. */
function answerTo(path: string, query: URLSearchParams): unknown {
  const all = Object.entries(PROJECTS)
  const labels = ((JSON.parse(query.get('filters') ?? '{}') as { label?: string[] }).label ?? []).join()
  const filtered = all.filter(
    ([project]) => !labels.includes('project=') || labels.includes(`project=${project}`),
  )
  if (path === '/containers/json') return filtered.map(each => summary(...each))
  if (path === '/tscompose/containers/stats') return filtered.map(([project]) => ({ labels: { project } }))
  if (path === '/networks') return all.map(each => network(...each))
  if (path === '/volumes') return { Volumes: VOLUMES, Warnings: null }
  if (path === '/images/json')
    return all.map(([project, { image }]) => ({
      Id: image,
      Containers: 5,
      ...namesOf(project),
      ...manifests,
    }))
  if (path === '/info') return { Containers: 2, Images: 2, HttpProxy: 'http://user:secret@proxy' }
  for (const [project, own] of all) {
    if (path === `/containers/${own.id}/json`) return inspect(project, own)
    if (path === `/networks/${own.network}`) return network(project, own)
    if (path === `/images/${project}/json`)
      return {
        Id: own.image,
        Config: { Env: ['KEY=secret'], Cmd: ['secret'] },
        ...namesOf(project),
        ...manifests,
      }
  }
  const name = /^\/volumes\/(.*)$/.exec(path)?.[1]
  return name === undefined ? {} : VOLUMES.find(each => Reflect.get(each, 'Name') === name)
}

export async function twoProjects(): Promise<TwoProjects> {
  const calls: string[] = []
  const followers = new Set<(line: string) => void>()
  const server: Server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    const url = new URL(request.url ?? '', 'http://engine')
    const path = decodeURIComponent(url.pathname).replace(/^\/v[\d.]+/, '')
    response.setHeader('Content-Type', 'application/json')
    if (path !== '/events') {
      response.end(JSON.stringify(answerTo(path, url.searchParams)))
      return
    }
    response.flushHeaders()
    followers.add(line => void response.write(line))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    calls,
    dial: async () => {
      const socket = createConnection({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
      await once(socket, 'connect')
      return socket
    },
    say: event => {
      for (const follower of followers) follower(`${JSON.stringify(event)}\n`)
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
