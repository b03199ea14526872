// The ground of dockerode's own tests, by callback and by promise: node surface.mjs FOLDER SOCKET. FOLDER has the package
// dockerode, or is a module that exports a class Docker of the same kind.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { doSteps, from, Sink, statusOf } from './steps.mjs'

const [folder, socketPath] = process.argv.slice(2)
const Docker = folder.endsWith('.js') ? (await import(folder)).Docker : from(folder)('dockerode')
const docker = new Docker({ socketPath })
const Image = 'busybox'

/** What a callback is given, without the error. */
const called = give =>
  new Promise((resolve, reject) => give((error, ...results) => (error ? reject(error) : resolve(results))))
const create = (options = {}) => docker.createContainer({ Image, Cmd: ['sleep', '1000'], ...options })
const remove = container => container.remove({ force: true, v: true })
const follow = (stream, onProgress) =>
  called(back => docker.modem.followProgress(stream, back, onProgress)).then(([output]) => output)
async function gather(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
/** Whether a call that is given up says so. */
async function isAborted(call) {
  const controller = new AbortController()
  const promise = call(controller.signal)
  controller.abort()
  return promise.then(
    () => 'went on',
    error => [error.name, error.code].includes('ABORT_ERR') || error.name === 'AbortError',
  )
}

await doSteps({
  'the engine, by callback and by promise': async () => {
    for (const name of [
      'ping',
      'version',
      'info',
      'df',
      'listContainers',
      'listImages',
      'listNetworks',
      'listVolumes',
    ]) {
      const [given] = await called(back => docker[name](back))
      assert.equal(typeof given, typeof (await docker[name]()), name)
    }
    assert.ok(
      Array.isArray(await docker.listContainers({ all: true, limit: 1, filters: { label: ['nobody=has'] } })),
    )
    assert.ok((await docker.listVolumes({ filters: { dangling: ['true'] } })).Volumes !== undefined)
  },
  'options, headers and versions': async () => {
    const old = new Docker({ socketPath, version: 'v1.44', timeout: 30_000, headers: { 'X-A': 'b' } })
    assert.ok((await old.listContainers()).length >= 0)
    const never = new Docker({ socketPath, version: 'v9.9' })
    assert.equal(await statusOf(never.info()), 400)
    const nowhere = new Docker({ socketPath: '/nosuch/engine.sock' })
    await assert.rejects(nowhere.info(), error => ['ENOENT', 'ENGINE_UNREACHABLE'].includes(error.code))
    assert.ok(docker.getContainer('x').id === 'x' && docker.getImage('x').name === 'x')
    assert.ok(docker.getVolume('x').name === 'x' && docker.getNetwork('x').id === 'x')
  },
  'calls that are given up': async () => {
    const container = await create()
    await container.start()
    const calls = {
      containers: abortSignal => docker.listContainers({ abortSignal }),
      info: abortSignal => docker.info({ abortSignal }),
      images: abortSignal => docker.listImages({ abortSignal }),
      wait: abortSignal => container.wait({ abortSignal }),
      inspect: abortSignal => container.inspect({ abortSignal }),
      stats: abortSignal => container.stats({ stream: false, abortSignal }),
      volumes: abortSignal => docker.listVolumes({ abortSignal }),
    }
    for (const [name, call] of Object.entries(calls)) assert.equal(await isAborted(call), true, name)
    await remove(container)
  },
  'streams that are given up end': async () => {
    const container = await create({ Cmd: ['sh', '-c', 'while :; do echo x; sleep 1; done'] })
    await container.start()
    const streams = {
      logs: abortSignal => container.logs({ follow: true, stdout: true, abortSignal }),
      stats: abortSignal => container.stats({ abortSignal }),
      events: abortSignal => docker.getEvents({ abortSignal }),
    }
    for (const [name, call] of Object.entries(streams)) {
      const controller = new AbortController()
      const stream = await call(controller.signal)
      const ended = new Promise(resolve => {
        for (const event of ['close', 'end', 'error']) stream.once(event, resolve)
      })
      stream.resume()
      controller.abort()
      await ended.catch(() => assert.fail(name))
    }
    await remove(container)
  },
  'run by callback has its events, output and result': async () => {
    const told = []
    const out = new Sink()
    const ended = await new Promise((resolve, reject) => {
      const hub = docker.run(Image, ['sh', '-c', 'echo said; exit 3'], out, (error, data, container) =>
        error ? reject(error) : resolve({ data, container }),
      )
      for (const event of ['container', 'stream', 'start', 'data']) hub.on(event, () => told.push(event))
    })
    assert.equal(ended.data.StatusCode, 3)
    assert.match(out.text, /said/)
    assert.deepEqual([...told].sort(), ['container', 'data', 'start', 'stream'])
    await ended.container.remove()
  },
  'run with options of a container and of its start': async () => {
    const out = new Sink()
    const options = { Env: ['A=b'], HostConfig: { AutoRemove: true }, Tty: false, WorkingDir: '/bin' }
    const [data, container] = await docker.run(Image, ['sh', '-c', 'echo $A; pwd'], [out, out], options, {})
    assert.deepEqual([data.StatusCode, out.text], [0, 'b\n/bin\n'])
    while ((await statusOf(container.inspect())) !== 404) await new Promise(resolve => setImmediate(resolve))
  },
  'run of what is not there': async () => {
    const sink = () => new Sink()
    assert.equal(await statusOf(docker.run('nosuch-image', ['true'], sink())), 404)
    const error = await docker
      .run(Image, ['/nosuch/command'], sink(), { name: 'surface-run' })
      .catch(error => error)
    assert.equal(error.statusCode, 400)
    assert.match(error.json?.message ?? error.message, /nosuch/)
    await remove(docker.getContainer('surface-run'))
    const [failed] = await new Promise(resolve =>
      docker.run('nosuch-image', [], sink(), (...all) => resolve(all)),
    )
    assert.equal(failed.statusCode, 404)
  },
  'errors have a status, a reason and the answer': async () => {
    const error = await docker
      .getContainer('nosuch')
      .inspect()
      .catch(error => error)
    assert.equal(error.statusCode, 404)
    assert.equal(error.reason, 'no such container')
    assert.match(error.message, /HTTP code 404.* no such container/)
    assert.match(error.json.message, /No such container: nosuch/)
    const [by] = await new Promise(resolve => docker.getImage('nosuch').inspect((...all) => resolve(all)))
    assert.equal(by.statusCode, 404)
  },
  'a container by callback': async () => {
    const [container] = await called(back =>
      docker.createContainer({ Image, Cmd: ['sleep', '1000'], name: 'surface' }, back),
    )
    const by = (name, ...args) => called(back => container[name](...args, back)).then(([result]) => result)
    await by('start')
    assert.equal((await by('inspect')).State.Running, true)
    assert.ok((await by('inspect', { size: true })).SizeRootFs > 0)
    assert.ok((await by('top', { ps_args: 'aux' })).Titles.includes('COMMAND'))
    await by('pause')
    await by('unpause')
    await by('rename', { name: 'surface-2' })
    await by('update', { CpuShares: 100 })
    await by('restart', { t: 0 })
    assert.equal((await by('stats', { stream: false })).name, '/surface-2')
    await by('changes')
    await by('kill', { signal: 'SIGKILL' })
    assert.equal((await by('wait')).StatusCode, 137)
    await by('remove', { v: true })
    assert.equal(await statusOf(container.inspect()), 404)
  },
  'an attached container, by socket and by stream': async () => {
    const container = await create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true, AttachStdin: true })
    const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
    const [stream] = await called(back => container.attach(options, back))
    const [out, err] = [new Sink(), new Sink()]
    container.modem.demuxStream(stream, out, err)
    await container.start()
    stream.write('typed\n')
    while (!out.text.includes('typed')) await once(stream, 'data')
    stream.end()
    assert.equal((await container.wait()).StatusCode, 0)
    assert.equal(err.text, '')
    await container.remove()
  },
  'an exec by callback, with a terminal and detached': async () => {
    const container = await create()
    await container.start()
    const [exec] = await called(back =>
      container.exec({ Cmd: ['sh'], AttachStdin: true, AttachStdout: true, Tty: true }, back),
    )
    const [stream] = await called(back => exec.start({ hijack: true, stdin: true, Tty: true }, back))
    await called(back => exec.resize({ h: 20, w: 50 }, back))
    const screen = new Sink()
    stream.pipe(screen)
    stream.write('stty size; exit 4\n')
    await once(stream, 'end')
    assert.match(screen.text, /20 50/)
    assert.equal((await called(back => exec.inspect(back)))[0].ExitCode, 4)
    const detached = await container.exec({ Cmd: ['touch', '/made'] })
    await detached.start({ Detach: true })
    while ((await detached.inspect()).Running) await new Promise(resolve => setImmediate(resolve))
    assert.ok((await container.changes()).some(({ Path }) => Path === '/made'))
    assert.equal(await statusOf(docker.getExec('nosuch').inspect()), 404)
    await remove(container)
  },
  'archives, from streams, files and bytes': async () => {
    const container = await create()
    const tar = await gather(await await container.getArchive({ path: '/etc' }))
    await container.putArchive(tar, { path: '/bin' })
    await container.putArchive(Readable.from([tar]), { path: '/bin' })
    const place = mkdtempSync(join(tmpdir(), 'surface-'))
    writeFileSync(join(place, 'a.tar'), tar)
    await container.putArchive(join(place, 'a.tar'), { path: '/bin', noOverwriteDirNonDir: true })
    rmSync(place, { recursive: true })
    const found = await container.infoArchive({ path: '/bin/etc' })
    assert.ok(found.headers['x-docker-container-path-stat'])
    assert.equal(await statusOf(container.putArchive(tar, { path: '/nosuch' })), 404)
    await remove(container)
  },
  'progress is told piece by piece, and fails with what the stream says': async () => {
    const lines = [{ status: 'one' }, { status: 'two' }].map(each => `${JSON.stringify(each)}\r\n`)
    const seen = []
    // A message may come in pieces, and two at once.
    const stream = new PassThrough()
    const done = follow(stream, each => seen.push(each.status))
    for (const piece of [lines[0].slice(0, 5), lines[0].slice(5) + lines[1]]) stream.write(piece)
    stream.end()
    assert.deepEqual(
      (await done).map(({ status }) => status),
      ['one', 'two'],
    )
    assert.deepEqual(seen, ['one', 'two'])
    const failing = new PassThrough()
    const failed = follow(failing)
    failing.end(`${lines[0]}${JSON.stringify({ error: 'broken', errorDetail: { message: 'broken' } })}\r\n`)
    assert.deepEqual((await failed).at(-1).errorDetail, { message: 'broken' })
  },
  'images by callback, and what becomes of them': async () => {
    const context = mkdtempSync(join(tmpdir(), 'surface-'))
    writeFileSync(join(context, 'Dockerfile'), `FROM ${Image}\nCOPY file /file\nLABEL made=here\n`)
    writeFileSync(join(context, 'file'), 'content')
    const [stream] = await called(back =>
      docker.buildImage({ context, src: ['Dockerfile', 'file'] }, { t: 'surface:1' }, back),
    )
    await follow(stream)
    const image = docker.getImage('surface:1')
    const by = (name, ...args) => called(back => image[name](...args, back)).then(([result]) => result)
    assert.equal((await by('inspect')).Config.Labels.made, 'here')
    assert.ok((await by('history')).length > 1)
    await by('tag', { repo: 'surface', tag: '2' })
    const saved = await gather(await by('get'))
    assert.ok((await by('remove', { force: true })).length > 0)
    const [loading] = await called(back => docker.loadImage(Readable.from([saved]), back))
    await follow(loading)
    assert.deepEqual((await docker.listImages({ filters: { reference: ['surface'] } }))[0].RepoTags.sort(), [
      'surface:1',
      'surface:2',
    ])
    const container = await docker.createContainer({ Image: 'surface:1', Cmd: ['cat', '/file'] })
    const exported = await gather(await container.export())
    await container.remove()
    await follow(await docker.importImage(Readable.from([exported]), { repo: 'surface', tag: '3' }))
    assert.ok((await docker.getImage('surface:3').inspect()).Id)
    for (const tag of ['1', '2', '3']) await docker.getImage(`surface:${tag}`).remove()
    assert.ok('ImagesDeleted' in (await docker.pruneImages({ filters: { label: ['nobody=has'] } })))
    rmSync(context, { recursive: true })
  },
  'a build that fails says so among its messages': async () => {
    const context = mkdtempSync(join(tmpdir(), 'surface-'))
    writeFileSync(join(context, 'Dockerfile'), `FROM ${Image}\nRUN exit 7\n`)
    const stream = await docker.buildImage({ context, src: ['Dockerfile'] }, { t: 'surface:bad' })
    const { error, errorDetail } = (await follow(stream)).at(-1)
    assert.match(error, /returned a non-zero code: 7/)
    assert.equal(errorDetail.code, 7)
    const refused = await docker
      .buildImage({ context, src: ['Dockerfile'] }, { t: 'UP:1' })
      .catch(error => error)
    assert.ok(refused.statusCode >= 400)
    rmSync(context, { recursive: true })
  },
  'networks and volumes by callback': async () => {
    const [network] = await called(back =>
      docker.createNetwork({ Name: 'surface', Labels: { a: 'b' } }, back),
    )
    const container = await create()
    await called(back => network.connect({ Container: container.id }, back))
    assert.ok((await container.inspect()).NetworkSettings.Networks.surface)
    await called(back => network.disconnect({ Container: container.id, Force: true }, back))
    await called(back => network.remove(back))
    assert.equal(await statusOf(network.inspect()), 404)
    const [volume] = await called(back => docker.createVolume({ Name: 'surface', Labels: { a: 'b' } }, back))
    assert.equal((await docker.getVolume('surface').inspect()).Labels.a, 'b')
    await docker.getVolume(volume.name ?? volume.Name).remove()
    assert.equal(await statusOf(docker.getVolume('surface').inspect()), 404)
    await remove(container)
    for (const name of ['pruneContainers', 'pruneNetworks', 'pruneVolumes'])
      assert.ok(await docker[name]({ filters: { label: ['nobody=has'] } }), name)
  },
  'what belongs to a swarm is refused, and plugins are none': async () => {
    const calls = {
      listServices: [],
      listNodes: [],
      listTasks: [],
      listSecrets: [],
      listConfigs: [],
      swarmInspect: [],
      swarmUpdate: [{ version: 1 }],
      swarmLeave: [{}],
      createService: [{ Name: 'x', TaskTemplate: { ContainerSpec: { Image } } }],
      createSecret: [{ Name: 'x', Data: '' }],
      createConfig: [{ Name: 'x', Data: '' }],
    }
    for (const [name, args] of Object.entries(calls)) {
      assert.equal(await statusOf(docker[name](...args)), 503, name)
      const [error] = await new Promise(resolve => docker[name](...args, (...all) => resolve(all)))
      assert.equal(error.statusCode, 503, name)
    }
    for (const get of ['getService', 'getNode', 'getTask', 'getSecret', 'getConfig'])
      assert.equal(await statusOf(docker[get]('x').inspect()), 503, get)
    assert.deepEqual(await docker.listPlugins(), [])
    const none = docker.getPlugin('nosuch')
    assert.deepEqual([await statusOf(none.inspect()), await statusOf(none.remove())], [404, 404])
  },
  'registries that are not there': async () => {
    assert.notEqual(
      await statusOf(
        docker.checkAuth({ username: 'a', password: 'b', serveraddress: 'http://127.0.0.1:1/' }),
      ),
      200,
    )
    assert.notEqual(await statusOf(docker.getImage('127.0.0.1:1/x').distribution()), 200)
    const pulled = await docker
      .pull('127.0.0.1:1/nosuch:1')
      .then(follow, error => error)
      .catch(error => error)
    assert.ok(pulled instanceof Error || pulled.statusCode >= 400, String(pulled))
    const [failed] = await new Promise(resolve =>
      docker.pull('127.0.0.1:1/nosuch:1', (...all) => resolve(all)),
    )
    assert.ok(failed === null || failed.statusCode >= 400)
  },
})
