// dockerode against an engine: node dockerode.mjs FOLDER SOCKET. FOLDER has its package.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { doSteps, from, rounds, Sink, statusOf } from './steps.mjs'

const [folder, socketPath] = process.argv.slice(2)
const Docker = from(folder)('dockerode')
const docker = new Docker({ socketPath })
const Image = 'busybox'

const create = (options = {}) => docker.createContainer({ Image, Cmd: ['sleep', '1000'], ...options })
async function start(options) {
  const container = await create(options)
  await container.start()
  return container
}
const remove = container => container.remove({ force: true, v: true })
const follow = stream =>
  new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)))
  })
async function gather(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
/** Both streams of framed output, to its end. */
async function split(stream) {
  const [out, err] = [new Sink(), new Sink()]
  docker.modem.demuxStream(stream, out, err)
  await once(stream, 'end')
  return [out.text, err.text]
}
async function exec(container, Cmd, options = {}) {
  const made = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true, ...options })
  return split(await made.start({ hijack: true, stdin: false }))
}
/** The tar of one file. */
function archive(name, text) {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padded = Buffer.alloc(Math.ceil(text.length / 512) * 512)
  padded.write(text)
  return Buffer.concat([header, padded, Buffer.alloc(1024)])
}

await doSteps({
  'knows the engine': async () => {
    assert.equal(String(await docker.ping()), 'OK')
    assert.ok((await docker.version()).ApiVersion)
    assert.equal((await docker.info()).Swarm.LocalNodeState, 'inactive')
  },
  'run has all output when it is over, time after time': async () => {
    for (let time = 0; time < 12 * rounds; time++) {
      const [out, err] = [new Sink(), new Sink()]
      const [{ StatusCode }, container] = await docker.run(
        Image,
        ['sh', '-c', 'echo out; echo err >&2; exit 5'],
        [out, err],
        { Tty: false },
      )
      assert.deepEqual([StatusCode, out.text, err.text], [5, 'out\n', 'err\n'])
      await container.remove()
    }
  },
  'exec loses no byte, time after time': async () => {
    const container = await start()
    const one = async () => (await exec(container, ['sh', '-c', 'echo out; echo err >&2'])).join('')
    let whole = 0
    for (let round = 0; round < 20 * rounds; round++)
      for (const text of await Promise.all(Array.from({ length: 8 }, one)))
        whole += text === 'out\nerr\n' ? 1 : 0
    assert.equal(whole, 8 * 20 * rounds)
    await remove(container)
  },
  'two megabytes go through an exec and back': async () => {
    const container = await start()
    const made = await container.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true })
    const stream = await made.start({ hijack: true, stdin: true })
    stream.end(Buffer.alloc(2 << 20, 'x'))
    const [out] = await split(stream)
    assert.equal(out.length, 2 << 20)
    assert.equal((await made.inspect()).ExitCode, 0)
    await remove(container)
  },
  'attach types and reads': async () => {
    const container = await create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true })
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    })
    const output = split(stream)
    await container.start()
    stream.end(Buffer.alloc(1 << 20, 'y'))
    assert.equal((await output)[0].length, 1 << 20)
    await remove(container)
  },
  'a terminal has its size and its detach keys': async () => {
    const container = await create({ Cmd: ['sh'], Tty: true, OpenStdin: true })
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      hijack: true,
      detachKeys: 'ctrl-a,x',
    })
    const screen = new Sink()
    stream.pipe(screen)
    await container.start()
    await container.resize({ h: 33, w: 77 })
    stream.write('stty size; echo over\n')
    while (!/over\r\n/.test(screen.text.replace('echo over', ''))) await once(stream, 'data')
    assert.match(screen.text, /33 77/)
    stream.write('\x01x')
    if (!stream.readableEnded) await once(stream, 'end')
    assert.equal((await container.inspect()).State.Running, true)
    await remove(container)
  },
  'logs have each line in a frame': async () => {
    const container = await start({ Cmd: ['sh', '-c', 'for i in 1 2 3; do echo l$i; done; echo e >&2'] })
    await container.wait()
    const log = await container.logs({ stdout: true, stderr: true })
    assert.equal(log.length, 3 * (8 + 3) + 8 + 2)
    assert.equal(
      (await gather(await container.logs({ follow: true, stdout: true, stderr: true }))).length,
      log.length,
    )
    await remove(container)
  },
  'archives go in and out': async () => {
    const container = await start()
    await container.putArchive(archive('a.txt', 'text'), { path: '/tmp' })
    assert.ok((await gather(await container.getArchive({ path: '/tmp/a.txt' }))).includes('text'))
    assert.equal(await statusOf(container.getArchive({ path: '/nowhere' })), 404)
    assert.ok((await gather(await container.export())).includes('busybox'))
    await remove(container)
  },
  'states are refused by their codes': async () => {
    const container = await create({ name: 'states' })
    assert.equal(await statusOf(container.stop()), 304)
    await container.start()
    assert.equal(await statusOf(container.start()), 304)
    assert.equal(await statusOf(create({ name: 'states' })), 409)
    assert.equal(await statusOf(container.remove()), 409)
    await remove(container)
    assert.equal(await statusOf(container.inspect()), 404)
  },
  'statistics, processes and changes': async () => {
    const container = await start()
    assert.ok((await container.stats({ stream: false })).memory_stats.usage > 0)
    assert.ok((await container.top()).Titles.includes('PID'))
    await exec(container, ['touch', '/tmp/new'])
    assert.ok((await container.changes()).some(({ Path }) => Path === '/tmp/new'))
    await remove(container)
  },
  'events are told as they happen': async () => {
    const events = await docker.getEvents({ filters: { label: ['watched'], type: ['container'] } })
    const actions = []
    events.on('data', lines => {
      for (const line of String(lines).trim().split('\n')) actions.push(JSON.parse(line).Action)
    })
    const container = await start({ Labels: { watched: '1' }, Cmd: ['true'] })
    await container.wait()
    await container.remove()
    while (!actions.includes('destroy')) await once(events, 'data')
    events.destroy()
    assert.deepEqual(actions, ['create', 'start', 'die', 'destroy'])
  },
  'builds, commits, saves and loads images': async () => {
    const context = archive('Dockerfile', `FROM ${Image}\nARG V\nRUN echo $V > /v\nCMD ["cat", "/v"]\n`)
    const built = await follow(
      await docker.buildImage(Readable.from([context]), { t: 'built:1', buildargs: { V: '7' } }),
    )
    assert.ok(built.some(({ aux }) => aux?.ID))
    const out = new PassThrough()
    const [, container] = await docker.run('built:1', [], out)
    assert.equal(String(out.read()), '7\r\n')
    await container.commit({ repo: 'committed', tag: '1' })
    await container.remove()
    const saved = await gather(await docker.getImage('committed:1').get())
    await docker.getImage('committed:1').remove()
    const loaded = await follow(await docker.loadImage(Readable.from([saved])))
    assert.ok(loaded.some(({ stream }) => /committed:1/.test(stream)))
    await docker.getImage('committed:1').remove()
    await docker.getImage('built:1').remove()
  },
  'networks and volumes': async () => {
    const network = await docker.createNetwork({ Name: 'joined' })
    const container = await start({ HostConfig: { Binds: ['kept:/data'] } })
    await network.connect({ Container: container.id, EndpointConfig: { Aliases: ['other'] } })
    assert.ok((await network.inspect()).Containers[container.id])
    assert.equal(await statusOf(network.remove()), 403)
    assert.equal(await statusOf(docker.getVolume('kept').remove()), 409)
    await remove(container)
    await network.remove()
    await docker.getVolume('kept').remove()
    const names = (await docker.listNetworks()).map(({ Name }) => Name)
    for (const name of ['bridge', 'host', 'none']) assert.ok(names.includes(name), name)
  },
  'there is no swarm and no plugin': async () => {
    for (const call of [
      'listServices',
      'listNodes',
      'listTasks',
      'listSecrets',
      'listConfigs',
      'swarmInspect',
    ])
      assert.equal(await statusOf(docker[call]()), 503, call)
    assert.deepEqual(await docker.listPlugins(), [])
    assert.equal(await statusOf(docker.getPlugin('x').inspect()), 404)
  },
})
