import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Docker } from './docker.ts'
import { ScriptedEngine } from './scripted-engine.test-support.ts'

let engine: ScriptedEngine
let docker: Docker
beforeAll(async () => {
  engine = new ScriptedEngine()
  await engine.listen()
  docker = new Docker({ socketPath: engine.socketPath })
})
beforeEach(() => {
  engine.heard.length = 0
})
afterAll(() => {
  docker.modem.destroy()
  engine.close()
})

const TAR = Buffer.from('tar')
type Call = (docker: Docker) => Promise<unknown>

describe('each method makes one call', () => {
  it.each<[string, string, Call, object?]>([
    [
      'createContainer',
      'POST /containers/create',
      d => d.createContainer({ name: 'n', Image: 'i' }),
      { query: { name: 'n' }, body: '{"Image":"i"}' },
    ],
    [
      'createImage',
      'POST /images/create',
      d => d.createImage({ fromImage: 'i', tag: 't' }),
      { query: { fromImage: 'i', tag: 't' } },
    ],
    [
      'loadImage',
      'POST /images/load',
      d => d.loadImage(TAR, { quiet: true }),
      { query: { quiet: 'true' }, body: 'tar' },
    ],
    [
      'importImage',
      'POST /images/create',
      d => d.importImage(TAR, { repo: 'r' }),
      { query: { fromSrc: '-', repo: 'r' }, body: 'tar' },
    ],
    ['checkAuth', 'POST /auth', d => d.checkAuth({ username: 'u' }), { body: '{"username":"u"}' }],
    [
      'buildImage',
      'POST /build',
      d => d.buildImage(TAR, { t: ['a', 'b'], buildargs: { A: '1' }, cachefrom: ['c'] }),
      { query: { t: ['a', 'b'], buildargs: '{"A":"1"}', cachefrom: '["c"]' }, body: 'tar' },
    ],
    [
      'listContainers',
      'GET /containers/json',
      d => d.listContainers({ all: true, filters: { label: ['a'] } }),
      { query: { all: 'true', filters: '{"label":["a"]}' } },
    ],
    ['listImages', 'GET /images/json', d => d.listImages()],
    [
      'getImages',
      'GET /images/get',
      d => d.getImages({ names: ['a', 'b'] }),
      { query: { names: ['a', 'b'] } },
    ],
    ['listServices', 'GET /services', d => d.listServices({ status: true }), { query: { status: 'true' } }],
    ['listNodes', 'GET /nodes', d => d.listNodes()],
    ['listTasks', 'GET /tasks', d => d.listTasks()],
    ['listSecrets', 'GET /secrets', d => d.listSecrets()],
    ['listConfigs', 'GET /configs', d => d.listConfigs()],
    ['listPlugins', 'GET /plugins', d => d.listPlugins()],
    ['listVolumes', 'GET /volumes', d => d.listVolumes()],
    ['listNetworks', 'GET /networks', d => d.listNetworks()],
    [
      'createSecret',
      'POST /secrets/create',
      d => d.createSecret({ Name: 's', Data: 'AA==' }),
      { body: '{"Name":"s","Data":"AA=="}' },
    ],
    ['createConfig', 'POST /configs/create', d => d.createConfig({ Name: 'c' }), { body: '{"Name":"c"}' }],
    [
      'createPlugin',
      'POST /plugins/create',
      d => d.createPlugin({ name: 'p', file: TAR }),
      { query: { name: 'p' }, body: 'tar' },
    ],
    ['createVolume', 'POST /volumes/create', d => d.createVolume(), { body: '{}' }],
    [
      'createService',
      'POST /services/create',
      d => d.createService({ username: 'u' }, { Name: 's' }),
      { body: '{"Name":"s"}' },
    ],
    ['createNetwork', 'POST /networks/create', d => d.createNetwork({ Name: 'n' }), { body: '{"Name":"n"}' }],
    [
      'pruneImages',
      'POST /images/prune',
      d => d.pruneImages({ filters: { dangling: ['0'] } }),
      { query: { filters: '{"dangling":["0"]}' } },
    ],
    ['pruneBuilder', 'POST /build/prune', d => d.pruneBuilder()],
    ['pruneContainers', 'POST /containers/prune', d => d.pruneContainers()],
    ['pruneVolumes', 'POST /volumes/prune', d => d.pruneVolumes()],
    ['pruneNetworks', 'POST /networks/prune', d => d.pruneNetworks()],
    ['searchImages', 'GET /images/search', d => d.searchImages({ term: 't' }), { query: { term: 't' } }],
    ['info', 'GET /info', d => d.info()],
    ['version', 'GET /version', d => d.version()],
    ['ping', 'GET /_ping', d => d.ping()],
    ['df', 'GET /system/df', d => d.df()],
    ['getEvents', 'GET /events', d => d.getEvents({ since: 1 }), { query: { since: '1' } }],
    ['pull', 'POST /images/create', d => d.pull('reg:5/a:1'), { query: { fromImage: 'reg:5/a', tag: '1' } }],
    [
      'pull without a tag',
      'POST /images/create',
      d => d.pull('reg:5/a'),
      { query: { fromImage: 'reg:5/a', tag: 'latest' } },
    ],
    [
      'pull by digest',
      'POST /images/create',
      d => d.pull('a:1@sha256:0'),
      { query: { fromImage: 'a:1', tag: 'sha256:0' } },
    ],
    ['pullAll', 'POST /images/create', d => d.pullAll('reg:5/a'), { query: { fromImage: 'reg:5/a' } }],
    ['swarmInit', 'POST /swarm/init', d => d.swarmInit({ ListenAddr: 'l' }), { body: '{"ListenAddr":"l"}' }],
    ['swarmJoin', 'POST /swarm/join', d => d.swarmJoin({ JoinToken: 't' }), { body: '{"JoinToken":"t"}' }],
    ['swarmLeave', 'POST /swarm/leave', d => d.swarmLeave({ force: true }), { query: { force: 'true' } }],
    [
      'swarmUpdate',
      'POST /swarm/update',
      d => d.swarmUpdate({ version: 3, Name: 'n' }),
      { query: { version: '3' }, body: '{"Name":"n"}' },
    ],
    ['swarmInspect', 'GET /swarm', d => d.swarmInspect()],
  ])('%s', async (_, request, call, rest = {}) => {
    await call(docker)
    expect(`${engine.last?.method} ${engine.last?.path}`).toBe(request)
    expect(engine.last).toMatchObject({ query: {}, ...rest })
    expect(engine.heard).toHaveLength(1)
  })
})
