import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { match } from '../../../src/api/server/match.ts'
import { type Harness, openHarness } from './harness.ts'

/** Every endpoint of Docker's reference of API 1.51, and those that clients use besides it (checkpoints, the cancelling of builds). */
const THERE = `
GET /_ping
HEAD /_ping
GET /info
GET /version
GET /events
GET /system/df
POST /auth
GET /containers/json
POST /containers/create
POST /containers/prune
GET /containers/c/json
GET /containers/c/top
GET /containers/c/logs
GET /containers/c/changes
GET /containers/c/export
GET /containers/c/stats
POST /containers/c/resize
POST /containers/c/start
POST /containers/c/stop
POST /containers/c/restart
POST /containers/c/kill
POST /containers/c/update
POST /containers/c/rename
POST /containers/c/pause
POST /containers/c/unpause
POST /containers/c/attach
GET /containers/c/attach/ws
POST /containers/c/wait
DELETE /containers/c
HEAD /containers/c/archive
GET /containers/c/archive
PUT /containers/c/archive
POST /containers/c/exec
POST /exec/e/start
POST /exec/e/resize
GET /exec/e/json
GET /images/json
POST /build
POST /build/prune
POST /build/cancel
POST /images/create
GET /images/a/b/json
GET /images/a/b/history
POST /images/a/b/push
POST /images/a/b/tag
DELETE /images/a/b
GET /images/search
POST /images/prune
POST /commit
GET /images/a/b/get
GET /images/get
POST /images/load
GET /distribution/a/b/json
GET /networks
GET /networks/n
DELETE /networks/n
POST /networks/create
POST /networks/n/connect
POST /networks/n/disconnect
POST /networks/prune
GET /volumes
POST /volumes/create
GET /volumes/v
DELETE /volumes/v
POST /volumes/prune
GET /plugins
`

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
const EXPERIMENTAL =
  'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.'
const NO_PLUGIN = 'plugin "a/b" not found'

/** What is refused, with the status and the words of a Docker Engine 28.5 in its ordinary state, unless `ours`. */
const REFUSED: readonly [endpoints: string, status: number, message: string][] = [
  [
    `GET /swarm
POST /swarm/update?version=1
GET /swarm/unlockkey
POST /swarm/unlock
GET /nodes
GET /nodes/x
DELETE /nodes/x
POST /nodes/x/update?version=1
GET /services
POST /services/create
GET /services/x
DELETE /services/x
POST /services/x/update?version=1
GET /services/x/logs?stdout=1
GET /tasks
GET /tasks/x
GET /tasks/x/logs?stderr=1
GET /secrets
POST /secrets/create
GET /secrets/x
DELETE /secrets/x
POST /secrets/x/update?version=1
GET /configs
POST /configs/create
GET /configs/x
DELETE /configs/x
POST /configs/x/update?version=1`,
    503,
    NO_SWARM,
  ],
  ['POST /swarm/leave', 503, 'This node is not part of a swarm'],
  // Ours: a Docker Engine would do it.
  ['POST /swarm/init\nPOST /swarm/join', 501, 'this engine cannot be part of a swarm'],
  ['PUT /volumes/v?version=1', 503, 'volume update only valid for cluster volumes, but swarm is unavailable'],
  [
    'GET /containers/c/checkpoints\nPOST /containers/c/checkpoints\nDELETE /containers/c/checkpoints/x',
    501,
    EXPERIMENTAL,
  ],
  ['POST /containers/c/start?checkpoint=x', 400, 'checkpoint is only supported in experimental mode'],
  ['POST /build/cancel', 400, 'build ID not provided'],
  [
    `GET /plugins/a/b/json
DELETE /plugins/a/b
POST /plugins/a/b/enable?timeout=0
POST /plugins/a/b/disable
POST /plugins/a/b/upgrade
POST /plugins/a/b/push
POST /plugins/a/b/set`,
    404,
    NO_PLUGIN,
  ],
  // Ours: a Docker Engine would ask a registry, or take the plugin.
  ['GET /plugins/privileges\nPOST /plugins/pull\nPOST /plugins/create', 501, 'this engine takes no plugins'],
  ['GET /nosuch\nPOST /info\nHEAD /info\nPOST /containers/c/copy', 404, 'page not found'],
]

let api: Harness
beforeAll(async () => {
  api = await openHarness()
})
afterAll(() => api.close())

const split = (line: string): [method: string, path: string] => {
  const [method = '', path = ''] = line.split(' ')
  return [method, path]
}

it.each(THERE.trim().split('\n'))('%s is there', line => {
  const [method, path] = split(line)
  expect(match(method, `/v1.47${path}`)).toHaveProperty('name')
})

it.each(
  REFUSED.flatMap(([lines, status, message]) => lines.split('\n').map(line => ({ line, status, message }))),
)('$line is refused by $status', async ({ line, status, message }) => {
  const [method, path] = split(line)
  const answer = await ask(method, `/v1.47${path}`)
  expect(answer.status).toBe(status)
  if (method !== 'HEAD') expect(JSON.parse(answer.body)).toMatchObject({ message })
})

it('lists no plugins', async () => {
  expect(await ask('GET', '/plugins')).toEqual({ status: 200, body: '[]\n' })
})

it.each(['POST /plugins/a/set', 'POST /plugins/pull?remote=a'])('%s may bring an array', async line => {
  const [method, path] = split(line)
  expect((await ask(method, path, '[{"Name":"network"}]')).status).not.toBe(400)
})

it('cancels a build that has an id, as the classic builder does: it ends with its connection', async () => {
  expect((await ask('POST', '/build/cancel?id=abc')).status).toBe(200)
})

it.each([
  'POST /nodes/x/update',
  'POST /secrets/x/update?version=new',
])('%s must say the version', async line => {
  const [method, path] = split(line)
  expect((await ask(method, path)).status).toBe(400)
})

function ask(
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const call = request({ socketPath: api.socketPath, method, path, headers }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode, body: text }))
    })
    call.once('error', reject)
    call.end(body)
  })
}
