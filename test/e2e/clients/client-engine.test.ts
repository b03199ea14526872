import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// The client as dockerode's users use it, on our engine: what is done with all but containers.
let sandbox: Sandbox
let docker: Docker

beforeAll(async () => {
  sandbox = makeSandbox()
  docker = new Docker({ socketPath: sandbox.socket })
  await sandbox.busybox()
  await sandbox.hold()
})
afterAll(async () => {
  docker.modem.destroy()
  await sandbox.close()
})
beforeEach(() => showLogOnFailure(sandbox))

/** What a stream of progress told of. */
const progressOf = (stream: Readable): Promise<object[]> =>
  new Promise((resolve, reject) => {
    docker.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)))
  })

describe('builds', () => {
  const folder = (): string => join(sandbox.folder, 'context')
  beforeAll(() => {
    mkdirSync(folder())
    writeFileSync(
      join(folder(), 'Dockerfile'),
      'FROM busybox\nARG WORD\nCOPY . /in\nRUN echo $WORD > /word\n',
    )
    writeFileSync(join(folder(), 'file'), 'text')
    writeFileSync(join(folder(), 'ignored'), 'text')
    writeFileSync(join(folder(), '.dockerignore'), 'ignored\n')
  })

  test('of the wanted paths of a folder, without what is ignored or missing', async () => {
    const src = ['Dockerfile', 'file', 'ignored', 'missing']
    const stream = await docker.buildImage(
      { context: folder(), src },
      { t: 'built:1', buildargs: { WORD: 'w' } },
    )
    const output = await progressOf(stream)
    expect(output).toContainEqual({ aux: { ID: expect.stringMatching(/^sha256:/) } })
    const sink = await docker.run(
      'built:1',
      ['sh', '-c', 'test "$(ls /in | xargs) $(cat /word)" = "Dockerfile file w"'],
      undefined,
      {
        HostConfig: { NetworkMode: 'none', AutoRemove: true },
      },
    )
    expect(sink[0]).toEqual({ StatusCode: 0 })
  })

  test('of an archive: its path, its stream, its bytes', async () => {
    const tar = join(sandbox.folder, 'context.tar')
    execFileSync('tar', ['-cf', tar, '-C', folder(), '.'])
    const { createReadStream, readFileSync } = await import('node:fs')
    for (const context of [tar, createReadStream(tar), readFileSync(tar)])
      expect(await progressOf(await docker.buildImage(context, { t: 'built:2' }))).not.toHaveLength(0)
    expect(await docker.getImage('built:2').inspect()).toMatchObject({
      RepoTags: expect.arrayContaining(['built:2']),
    })
  })

  test('that fail say so among their messages, or as a status', async () => {
    writeFileSync(join(folder(), 'Broken'), 'FROM busybox\nRUN exit 3\n')
    const output = await progressOf(
      await docker.buildImage({ context: folder(), src: ['Broken'] }, { dockerfile: 'Broken' }),
    )
    expect(output.at(-1)).toMatchObject({ errorDetail: { code: 3 } })
    const refused = await docker
      .buildImage(Buffer.alloc(1024), { dockerfile: 'none' })
      .then(progressOf)
      .catch((error: unknown) => [error])
    expect(JSON.stringify(refused)).toMatch(/error|statusCode/)
    await docker.pruneBuilder()
  })
})

describe('images', () => {
  test('are listed, inspected, named, and removed', async () => {
    const listed = await docker.listImages({ all: true })
    expect(listed.flatMap(({ RepoTags }) => RepoTags)).toContain('busybox:latest')
    const image = docker.getImage('busybox')
    expect(await image.history()).not.toHaveLength(0)
    await image.tag({ repo: 'named', tag: '1' })
    const removed = await new Promise(
      resolve => void docker.getImage('named:1').remove((...told) => resolve(told)),
    )
    expect(removed).toEqual([null, [{ Untagged: 'named:1' }]])
    await expect(docker.getImage('nope').inspect()).rejects.toMatchObject({
      statusCode: 404,
      reason: 'no such image',
    })
    await expect(docker.pruneImages({ filters: { dangling: ['true'] } })).resolves.toHaveProperty(
      'SpaceReclaimed',
    )
  })

  test('are saved, loaded, imported', async () => {
    const one = await buffer(await docker.getImage('busybox').get())
    const several = await buffer(await docker.getImages({ names: ['busybox'] }))
    expect(several.length).toBe(one.length)
    const loaded = await progressOf(await docker.loadImage(one, { quiet: true }))
    expect(JSON.stringify(loaded)).toContain('busybox:latest')
    const path = join(sandbox.folder, 'tree.tar')
    execFileSync('tar', ['-cf', path, '-C', join(sandbox.folder, 'context'), 'file'])
    const imported = await new Promise<Readable | undefined>((resolve, reject) => {
      void docker.importImage(path, { repo: 'imported', tag: '1' }, (error, stream) =>
        error ? reject(error) : resolve(stream),
      )
    })
    await buffer(imported ?? Readable.from([]))
    await docker.getImage('imported:1').remove()
  })

  test('of a registry that is not there are told of as Docker does', async () => {
    await expect(
      docker.checkAuth({ username: 'u', password: 'p', serveraddress: '127.0.0.1:1' }),
    ).rejects.toMatchObject({ statusCode: expect.any(Number) })
    const told = await docker
      .pull('127.0.0.1:1/a:1')
      .then(progressOf)
      .catch((error: unknown) => [error])
    expect(JSON.stringify(told)).toMatch(/"error"|"statusCode"/)
    await expect(docker.getImage('127.0.0.1:1/a').distribution()).rejects.toMatchObject({
      statusCode: expect.any(Number),
    })
  })
})

describe('networks and volumes', () => {
  test('are made, joined, looked at, and removed', async () => {
    const network = await docker.createNetwork({ Name: 'own-net', Driver: 'bridge', Internal: true })
    expect(await network.inspect()).toMatchObject({ Name: 'own-net', Internal: true })
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['true'] })
    await network.connect({ Container: container.id, EndpointConfig: { Aliases: ['alias'] } })
    expect((await container.inspect()).NetworkSettings.Networks).toHaveProperty('own-net')
    await network.disconnect({ Container: container.id, Force: true })
    await container.remove()
    expect((await docker.listNetworks({ filters: { name: ['own-net'] } })).map(({ Id }) => Id)).toEqual([
      network.id,
    ])
    await network.remove()
    await expect(network.inspect()).rejects.toMatchObject({ statusCode: 404, reason: 'no such network' })
    await expect(docker.pruneNetworks()).resolves.toBeTypeOf('object')
  })

  test('a volume is a handle and what it is', async () => {
    const volume = await docker.createVolume({ Name: 'own-volume', Labels: { a: 'b' } })
    expect(volume).toMatchObject({ name: 'own-volume', Labels: { a: 'b' } })
    expect(await volume.inspect()).toMatchObject({ Name: 'own-volume', Driver: 'local' })
    expect((await docker.listVolumes()).Volumes?.map(({ Name }) => Name)).toContain('own-volume')
    await volume.remove({ force: true })
    await expect(volume.inspect()).rejects.toMatchObject({ statusCode: 404, reason: 'no such volume' })
    await expect(docker.pruneVolumes()).resolves.toHaveProperty('SpaceReclaimed')
  })
})

describe('the engine', () => {
  test('says what it is, by promise and by callback', async () => {
    expect(String(await docker.ping())).toBe('OK')
    expect(await docker.version()).toHaveProperty('ApiVersion')
    expect(await docker.info()).toMatchObject({ Images: expect.any(Number) })
    expect(await docker.df()).toHaveProperty('LayersSize')
    const told = await new Promise(
      resolve => void docker.listContainers({ all: true }, (...result) => resolve(result)),
    )
    expect(told).toEqual([null, []])
    await expect(docker.pruneContainers()).resolves.toHaveProperty('SpaceReclaimed')
  })

  test('tells what happens', async () => {
    const events = await docker.getEvents({ filters: { type: ['volume'] } })
    let seen = ''
    events.on('data', (chunk: Buffer) => {
      seen += chunk
    })
    await (await docker.createVolume({ Name: 'seen' })).remove()
    await eventually('both are told', () => seen.includes('create') && seen.includes('destroy'))
    events.destroy()
  })

  // As a Docker Engine 28 told them.
  test("tells of a container's life and its files in Docker's order", async () => {
    const script = 'trap "exit 3" TERM; echo ready; sleep 1000 & wait'
    const container = await docker.createContainer({
      name: 'told',
      Image: 'busybox',
      Cmd: ['sh', '-c', script],
      HostConfig: { Binds: ['told:/v'] },
    })
    const events = await docker.getEvents({ filters: { type: ['container', 'network', 'volume'] } })
    const seen: string[] = []
    let rest = ''
    events.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      seen.push(...lines.map(line => JSON.parse(line)).map(({ Type, Action }) => `${Type[0]} ${Action}`))
    })
    const told = async (task: () => Promise<unknown>, want: readonly string[]): Promise<void> => {
      seen.length = 0
      await task()
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual(want)
    }
    const ready = async (): Promise<void> => {
      const log = await container.logs({ follow: true, stdout: true, tail: 1 })
      for await (const chunk of log) if (String(chunk).includes('ready')) break
    }
    const taken = ['v mount', 'n connect', 'c start']
    const released = ['n disconnect', 'v unmount']
    await told(() => container.start(), taken)
    await ready()
    await told(() => container.stop(), ['c kill', ...released, 'c stop', 'c die'])
    const get = async (): Promise<void> => {
      for await (const _ of await container.getArchive({ path: '/v' }));
    }
    await told(get, ['v mount', 'c archive-path', 'v unmount'])
    const put = (): Promise<unknown> => container.putArchive(Buffer.alloc(1024), { path: '/v' })
    await told(put, ['v mount', 'c extract-to-dir', 'v unmount'])
    await told(() => container.start(), taken)
    await told(() => container.pause(), ['c pause'])
    await told(() => container.kill(), ['c kill', 'c unpause', ...released, 'c die'])
    await told(() => container.remove(), ['c destroy'])
    events.destroy()
    await docker.getVolume('told').remove()
  })

  test('of an older version is asked as one', async () => {
    const old = new Docker({ socketPath: sandbox.socket, version: 'v1.24' })
    expect(await old.listContainers()).toEqual([])
    const none = new Docker({ socketPath: sandbox.socket, version: 'v9.99' })
    await expect(none.info()).rejects.toMatchObject({ statusCode: 400 })
    old.modem.destroy()
  })
})

describe('in no swarm', () => {
  const ID = 'nope'
  test.each<[string, () => Promise<unknown>, number]>([
    ['swarmInspect', () => docker.swarmInspect(), 503],
    ['swarmUpdate', () => docker.swarmUpdate({ version: 1 }), 503],
    ['swarmLeave', () => docker.swarmLeave({ force: true }), 503],
    ['listServices', () => docker.listServices(), 503],
    ['listNodes', () => docker.listNodes(), 503],
    ['listTasks', () => docker.listTasks(), 503],
    ['listSecrets', () => docker.listSecrets(), 503],
    ['listConfigs', () => docker.listConfigs(), 503],
    ['createService', () => docker.createService({ Name: 's' }), 503],
    ['createSecret', () => docker.createSecret({ Name: 's', Data: 'AA==' }), 503],
    ['createConfig', () => docker.createConfig({ Name: 'c', Data: 'AA==' }), 503],
    ['Service.inspect', () => docker.getService(ID).inspect(), 503],
    ['Service.update', () => docker.getService(ID).update({ version: 1 }), 503],
    ['Service.remove', () => docker.getService(ID).remove(), 503],
    ['Service.logs', () => docker.getService(ID).logs({ stdout: true }), 503],
    ['Task.inspect', () => docker.getTask(ID).inspect(), 503],
    ['Task.logs', () => docker.getTask(ID).logs({ stdout: true }), 503],
    ['Node.inspect', () => docker.getNode(ID).inspect(), 503],
    ['Node.update', () => docker.getNode(ID).update({ version: 1 }), 503],
    ['Node.remove', () => docker.getNode(ID).remove(), 503],
    ['Secret.inspect', () => docker.getSecret(ID).inspect(), 503],
    ['Secret.update', () => docker.getSecret(ID).update({ version: 1 }), 503],
    ['Secret.remove', () => docker.getSecret(ID).remove(), 503],
    ['Config.inspect', () => docker.getConfig(ID).inspect(), 503],
    ['Config.update', () => docker.getConfig(ID).update({ version: 1 }), 503],
    ['Config.remove', () => docker.getConfig(ID).remove(), 503],
    ['Plugin.inspect', () => docker.getPlugin(ID).inspect(), 404],
    ['Plugin.enable', () => docker.getPlugin(ID).enable({ timeout: 1 }), 404],
    ['Plugin.disable', () => docker.getPlugin(ID).disable(), 404],
    ['Plugin.remove', () => docker.getPlugin(ID).remove(), 404],
    ['Plugin.configure', () => docker.getPlugin(ID).configure(['A=1']), 404],
    ['Plugin.push', () => docker.getPlugin(ID).push(), 404],
  ])('%s is refused as by Docker', async (_, call, statusCode) => {
    await expect(call()).rejects.toMatchObject({ statusCode, json: { message: expect.any(String) } })
  })

  test('there are no plugins', async () => {
    expect(await docker.listPlugins()).toEqual([])
  })
})
