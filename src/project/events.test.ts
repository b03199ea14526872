import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { events } from './events.ts'

const BEGIN = 1_700_000_000

let folder: string
let server: Server
/** What each connection is given before it breaks off, and what it asked for. */
let answers: string[][]
let asked: (string | null)[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-events-'))
  asked = []
  server = createServer((request, answer) => {
    asked.push(new URL(request.url ?? '', 'http://engine').searchParams.get('since'))
    answer.write((answers.shift() ?? []).join(''), () => answer.destroy())
  })
  server.listen(join(folder, 'engine.sock'))
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

function line(action: string, nanoseconds: number, service = 'web'): string {
  const Attributes = { name: 'p-web-1', 'com.docker.compose.service': service, exitCode: '3' }
  return `${JSON.stringify({ Action: action, Actor: { ID: 'c', Attributes }, timeNano: BEGIN * 1e9 + nanoseconds })}\n`
}

async function told(request: Parameters<typeof events>[1] = {}): Promise<string[]> {
  const env = { DOCKER_HOST: `unix://${join(folder, 'engine.sock')}`, COMPOSE_PROJECT_NAME: 'p' }
  const actions: string[] = []
  try {
    for await (const { action } of events({ env, cwd: folder }, { since: BEGIN, ...request }))
      actions.push(action)
  } catch (error) {
    actions.push(error instanceof Error && 'code' in error ? String(error.code) : String(error))
  }
  return actions
}

test('an engine that gives once more what was told is not repeated, many events of one time neither', async () => {
  answers = [
    [line('create', 512), line('start', 1024), line('exec', 1024)],
    [line('start', 1024), line('exec', 1024), line('kill', 1024), line('die', 2048)],
    [line('die', 2048)],
    // Another engine, which remembers nothing of that.
    [line('start', 4096)],
  ]
  expect(await told()).toEqual(['create', 'start', 'exec', 'kill', 'die', 'start', 'ENGINE_UNREACHABLE'])
  expect(asked.slice(0, 2).map(since => Math.floor(Number(since)))).toEqual([BEGIN, BEGIN])
})

test('an engine that tells nothing and breaks off, again and again, is a failure', async () => {
  answers = []
  expect(await told()).toEqual(['ENGINE_UNREACHABLE'])
  expect(asked).toHaveLength(5)
})

test('a line that is cut by the end of a connection comes whole from the next', async () => {
  answers = [
    [line('create', 512), line('start', 1024).slice(0, 20)],
    [line('create', 512), line('start', 1024)],
  ]
  expect(await told()).toEqual(['create', 'start', 'ENGINE_UNREACHABLE'])
})

test('a signal that came before it asks ends it', async () => {
  answers = [[line('create', 512)]]
  expect(await told({ signal: AbortSignal.abort() })).toEqual(['Interrupted'])
  expect(asked).toEqual([])
})

test('who sets an end alone is told all that the engine remembers', async () => {
  answers = [[line('create', 512)]]
  const env = { DOCKER_HOST: `unix://${join(folder, 'engine.sock')}`, COMPOSE_PROJECT_NAME: 'p' }
  const actions: string[] = []
  for await (const { action } of events({ env, cwd: folder }, { until: BEGIN + 1 })) actions.push(action)
  expect({ actions, asked: asked.map(Number) }).toEqual({ actions: ['create'], asked: [0] })
})
