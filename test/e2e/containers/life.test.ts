// The engine on the real kernel: a container's whole life, through the interfaces that the API server calls.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { extract, pack } from 'tar-stream'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { everybody } from '../../../src/engine/cgroup/index.ts'
import { startTimeOf } from '../../../src/linux/process-identity.ts'
import { createNative } from '../../../src/native/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'

const lab = new EngineLab()
/** Tries an assertion again until it holds. */
const settles = (assertion: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(assertion, { timeout: 60_000, interval: 20 })
const never = new AbortController().signal

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(async () => {
  await lab.clear()
})
afterAll(async () => {
  await lab.close()
})

describe('a container', () => {
  test('runs on a network, is reached by its names, and leaves nothing', async () => {
    const { Id } = await lab.engine.networks.create({ Name: 'front' })
    await lab.run('web', {
      HostConfig: { NetworkMode: 'front' },
      NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['site'] } } },
    })
    const { out } = await lab.sh('nslookup site; nslookup web; ping -c 1 -W 2 site', {
      HostConfig: { NetworkMode: 'front' },
    })
    const web = await lab.engine.containers.inspect('web', { size: false, drift: true })
    const { IPAddress, EndpointID = '' } = web.NetworkSettings.Networks['front'] ?? {}
    expect(out).toContain(IPAddress)
    const links = [`tsc-${Id.slice(0, 11)}`, `tv${EndpointID.slice(0, 11)}`]
    expect(readdirSync('/sys/class/net')).toEqual(expect.arrayContaining(links))
    expect(out).toContain('1 packets received')
    expect(web.TscomposeDrift).toBeUndefined()

    await lab.engine.containers.remove('web', { force: true, volumes: true, link: false })
    await lab.engine.networks.remove('front')
    await settles(() => {
      expect(readdirSync('/sys/class/net').filter(name => links.includes(name))).toEqual([])
      expect(readdirSync(join(lab.folder, 'run/containers'))).toEqual([])
      expect(readdirSync(join(lab.folder, 'root/containers'))).toEqual([])
      expect(lab.engine.idle()).toBe(true)
    })
  })

  test('that goes at its end has a layer that nobody waits for on the disk, which is there again after a restart', async () => {
    const script = 'grep " / " /proc/self/mountinfo; cat /kept; echo kept > /kept; sleep 600'
    const { Id } = await lab.engine.containers.create(
      { Image: 'bb', Cmd: ['sh', '-c', script], HostConfig: { AutoRemove: true } },
      { name: 'brief' },
    )
    await lab.engine.containers.start(Id, {})
    await settles(async () => expect(await lab.exec(Id, ['cat', '/kept'])).toMatchObject({ out: 'kept\n' }))
    await lab.engine.containers.restart(Id, { timeout: 0 })
    await settles(async () =>
      expect((await lab.log(Id)).match(/volatile\b|^kept$/gm)).toEqual(['volatile', 'volatile', 'kept']),
    )
    const lasting = await lab.sh('grep " / " /proc/self/mountinfo')
    expect(lasting.out).toContain('overlay')
    expect(lasting.out).not.toContain('volatile')
  })

  test('has its name on its control group, for who looks at those', async () => {
    await lab.run('named', { Cmd: ['sleep', '600'] })
    const { State } = await lab.engine.containers.inspect('named', { size: false })
    const [, group = ''] = /^0::(.+)$/m.exec(readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8')) ?? []
    const path = `${everybody()}${group}`
    const { outputs } = await createNative().run({
      outside: [
        { op: 'open', slot: 0, path, kind: 'folder' },
        { op: 'getXattr', slot: 0, path: '.', name: 'user.tscompose.container' },
      ],
    })
    expect(outputs.map(String)).toEqual(['named'])
  })

  test('gets a published port that answers on the host', async () => {
    await lab.engine.networks.create({ Name: 'front' })
    await lab.run('web', {
      Cmd: ['sh', '-c', 'mkdir /www; echo page > /www/index.html; httpd -f -p 80 -h /www'],
      HostConfig: {
        NetworkMode: 'front',
        PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      },
    })
    const { NetworkSettings } = await lab.engine.containers.inspect('web', { size: false })
    const port = NetworkSettings.Ports['80/tcp']?.[0]?.HostPort
    await settles(async () => {
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page\n')
    })
    await lab.engine.containers.stop('web', {})
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
  })

  test('joins another network while it runs, and leaves it', async () => {
    await Promise.all(['front', 'back'].map(Name => lab.engine.networks.create({ Name })))
    await lab.run('web', { HostConfig: { NetworkMode: 'front' } })
    await lab.run('db1', { HostConfig: { NetworkMode: 'back' } })
    expect((await lab.exec('web', 'nslookup db1')).code).not.toBe(0)
    await lab.engine.networks.connect('back', { Container: 'web', EndpointConfig: { Aliases: ['w'] } })
    expect((await lab.exec('db1', 'ping -c 1 -W 2 w')).code).toBe(0)
    expect((await lab.exec('web', 'nslookup db1')).code).toBe(0)
    const addresses = (await lab.exec('web', 'ip -4 addr')).out.match(/inet 1[79]2/g)
    expect(addresses).toHaveLength(2)
    await lab.engine.networks.disconnect('back', { Container: 'web' })
    expect((await lab.exec('db1', 'nslookup w')).code).not.toBe(0)
    expect((await lab.exec('web', 'nslookup db1')).code).not.toBe(0)
    const { NetworkSettings, TscomposeDrift } = await lab.engine.containers.inspect('web', {
      size: false,
      drift: true,
    })
    expect(Object.keys(NetworkSettings.Networks)).toEqual(['front'])
    expect(TscomposeDrift).toBeUndefined()
  })

  test('tells exit codes, and why a start failed', async () => {
    expect(await lab.sh('echo out; echo err >&2; exit 7')).toEqual({ out: 'out\nerr\n', code: 7 })
    const { Id } = await lab.engine.containers.create(
      { Image: 'bb', Cmd: ['/no/such'], HostConfig: { NetworkMode: 'none' } },
      {},
    )
    await expect(lab.engine.containers.start(Id, {})).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' })
    const { State } = await lab.engine.containers.inspect(Id, { size: false })
    expect(State).toMatchObject({ Status: 'created', ExitCode: 127, Running: false })
    expect(State.Error).not.toBe('')
    expect(existsSync(`/sys/fs/cgroup/pids/tscompose/${Id}`)).toBe(false)
  })

  test('is stopped at once when PID 1 has no handler, and given its grace when it has', async () => {
    await lab.run('deaf', { HostConfig: { NetworkMode: 'none' } })
    await lab.run('polite', {
      Cmd: ['sh', '-c', 'trap "exit 3" TERM; while :; do sleep 0.1; done'],
      HostConfig: { NetworkMode: 'none' },
    })
    await settles(async () => {
      expect((await lab.exec('polite', 'grep SigCgt /proc/1/status')).out).not.toMatch(/0{16}/)
    })
    expect(await lab.engine.containers.stop('deaf', {})).toEqual({ GraceSkipped: true })
    expect(await lab.engine.containers.stop('polite', {})).toBeUndefined()
    const exitCodes = await Promise.all(
      ['deaf', 'polite'].map(
        async name => (await lab.engine.containers.inspect(name, { size: false })).State.ExitCode,
      ),
    )
    expect(exitCodes).toEqual([137, 3])
    await expect(lab.engine.containers.stop('deaf', {})).rejects.toMatchObject({ kind: 'notModified' })
  })

  test('is restarted by its policy until somebody stops it', async () => {
    await lab.run('again', {
      Cmd: ['sh', '-c', 'exit 1'],
      HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    })
    const { result } = await lab.engine.containers.wait('again', 'not-running', never)
    await result
    await settles(async () => {
      const { State, RestartCount } = await lab.engine.containers.inspect('again', { size: false })
      expect({ status: State.Status, RestartCount }).toEqual({ status: 'exited', RestartCount: 2 })
    })
  })

  test('has its limits, its user and its environment', async () => {
    const { out } = await lab.sh('id; echo $A $HOME; cat /proc/self/limits | grep "open files"', {
      User: 'www',
      Env: ['A=1'],
      HostConfig: {
        NetworkMode: 'none',
        Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }],
        Memory: 64 << 20,
      },
    })
    expect(out).toContain('uid=33(www) gid=34(www) groups=34(www),50(extra)')
    expect(out).toContain('1 /data')
    expect(out).toMatch(/Max open files\s+100\s+200/)
  })

  test('pauses, and goes on', async () => {
    const id = await lab.run('p1', { HostConfig: { NetworkMode: 'none' } })
    await lab.engine.containers.pause(id)
    expect((await lab.engine.containers.inspect(id, { size: false })).State.Status).toBe('paused')
    await lab.engine.containers.unpause(id)
    expect((await lab.exec(id, 'echo on')).out).toBe('on\n')
    await lab.engine.containers.pause(id)
    await lab.engine.containers.stop(id, {})
    expect((await lab.engine.containers.inspect(id, { size: false })).State.Status).toBe('exited')
  })

  test('that was refused leaves neither name nor volume', async () => {
    const body = { Image: 'bb', HostConfig: { NetworkMode: 'nowhere', Binds: ['half:/x'] } }
    await expect(lab.engine.containers.create(body, { name: 'half' })).rejects.toMatchObject({
      code: 'NETWORK_NOT_FOUND',
    })
    expect((await lab.engine.volumes.list({ filters: {} })).Volumes).toEqual([])
    await lab.engine.containers.create({ Image: 'bb', HostConfig: { NetworkMode: 'none' } }, { name: 'half' })
  })
})

describe('exec and attach', () => {
  test('an exec has the container around it, a user by name, and an exit code', async () => {
    const id = await lab.run('c1', { HostConfig: { NetworkMode: 'none' }, Env: ['A=1'] })
    expect(await lab.exec(id, 'echo $A $(id -un); exit 5', 'www')).toEqual({ out: '1 www\n', code: 5 })
    const { Id } = await lab.engine.exec.create(id, { Cmd: ['/no/such'] })
    await expect(lab.engine.exec.start(Id, { tty: false })).rejects.toMatchObject({
      code: 'COMMAND_NOT_FOUND',
    })
    expect((await lab.engine.exec.inspect(Id)).ExitCode).toBe(127)
  })

  test('who attaches before the start misses nothing and can answer', async () => {
    const { Id } = await lab.engine.containers.create(
      {
        Image: 'bb',
        Cmd: ['sh', '-c', 'echo first; read line; echo "got $line"'],
        OpenStdin: true,
        StdinOnce: true,
        HostConfig: { NetworkMode: 'none' },
      },
      {},
    )
    const options = { logs: false, stream: true, stdin: true, stdout: true, stderr: true }
    const session = await lab.engine.containers.attach(Id, options)
    session.stdin?.end('hello\n')
    await lab.engine.containers.start(Id, {})
    let out = ''
    for await (const frame of session.output) out += Buffer.from(frame.bytes).toString()
    expect(out).toBe('first\ngot hello\n')
    expect((await lab.engine.containers.inspect(Id, { size: false })).State.ExitCode).toBe(0)
  })

  test('an exec whose client has gone gets the end of its input, and what it prints is dropped', async () => {
    const id = await lab.run('left', { HostConfig: { NetworkMode: 'none' } })
    const { Id } = await lab.engine.exec.create(id, {
      Cmd: ['od', '-v'],
      AttachStdin: true,
      AttachStdout: true,
    })
    const session = await lab.engine.exec.start(Id, { tty: false })
    session.stdin?.write(Buffer.alloc(3_000_000))
    session.close()
    await settles(async () => expect((await lab.engine.exec.inspect(Id)).ExitCode).toBe(0))
  })

  test('a health check turns healthy, then unhealthy', async () => {
    const id = await lab.run('h1', {
      HostConfig: { NetworkMode: 'none' },
      Healthcheck: { Test: ['CMD-SHELL', 'test -e /tmp/ok'], Interval: 100e6, Timeout: 1e9, Retries: 2 },
    })
    const status = async (): Promise<string | undefined> =>
      (await lab.engine.containers.inspect(id, { size: false })).State.Health?.Status
    await lab.exec(id, 'touch /tmp/ok')
    await settles(async () => expect(await status()).toBe('healthy'))
    await lab.exec(id, 'rm /tmp/ok')
    await settles(async () => expect(await status()).toBe('unhealthy'))
    await settles(() =>
      expect(lab.events.map(event => event.Action)).toEqual(
        expect.arrayContaining(['health_status: healthy', 'health_status: unhealthy']),
      ),
    )
  })

  test('is as healthy under the next engine as it was, and begins anew with its next run', async () => {
    const id = await lab.run('kept', {
      HostConfig: { NetworkMode: 'none' },
      // One look while it starts, which is the eager one, and no other for an hour.
      Healthcheck: { Test: ['CMD-SHELL', 'test -e /tmp/ok'], Interval: 3600e9, Timeout: 1e9, Retries: 1 },
    })
    const status = async (): Promise<string | undefined> =>
      (await lab.engine.containers.inspect(id, { size: false })).State.Health?.Status
    await lab.exec(id, 'touch /tmp/ok')
    await settles(async () => expect(await status()).toBe('healthy'))
    await lab.exec(id, 'rm /tmp/ok')
    await lab.reopen()
    expect(await status()).toBe('healthy')
    await lab.engine.containers.restart(id, {})
    // Whether its first look has been is between it and us.
    expect(await status()).not.toBe('healthy')
  })
})

describe('files', () => {
  test('a new volume is filled from the image, with owner and mode, once', async () => {
    const mount = { HostConfig: { NetworkMode: 'none', Binds: ['vol:/data'] } }
    expect(
      (await lab.sh('cat /data/file; stat -c %u:%g:%a /data; rm /data/file; touch /data/own', mount)).out,
    ).toBe('from-image\n33:34:750\n')
    expect((await lab.sh('ls /data', mount)).out).toBe('own\n')
    await lab.engine.volumes.remove('vol', { force: false })
    expect((await lab.sh('ls /data', mount)).out).toBe('file\n')
  })

  test('a new volume has what the image has when its container is made', async () => {
    const mount = { HostConfig: { NetworkMode: 'none', Binds: ['early:/data'] } }
    const { Id } = await lab.engine.containers.create({ Image: 'bb', ...mount }, {})
    const { Mountpoint } = await lab.engine.volumes.inspect('early')
    expect(readFileSync(join(Mountpoint, 'file'), 'utf8')).toBe('from-image\n')
    const { uid, gid, mode } = statSync(Mountpoint)
    expect([uid, gid, mode & 0o777]).toEqual([33, 34, 0o750])
    await lab.engine.containers.remove(Id, { force: false, volumes: false, link: false })
  })

  test('binds are read-only where asked, missing sources are made or refused', async () => {
    const source = join(lab.folder, 'made')
    const { out } = await lab.sh('touch /x/y || echo refused', {
      HostConfig: { NetworkMode: 'none', Binds: [`${source}:/x:ro`] },
    })
    expect(out).toContain('refused')
    const strict = { Type: 'bind' as const, Source: join(lab.folder, 'missing'), Target: '/x' }
    await expect(
      lab.sh('true', { HostConfig: { NetworkMode: 'none', Mounts: [strict] } }),
    ).rejects.toMatchObject({ code: 'BIND_SOURCE_MISSING' })
  })

  test('archives go in before the start and while it runs, and come out again', async () => {
    const { Id } = await lab.engine.containers.create(
      {
        Image: 'bb',
        Cmd: ['sh', '-c', 'stat -c "%u:%g:%a" /run/secrets/key; cat /run/secrets/key; sleep 1000'],
        HostConfig: { NetworkMode: 'none' },
      },
      {},
    )
    const put = async (name: string, text: string): Promise<void> => {
      const tar = pack()
      tar.entry({ name, uid: 33, gid: 34, mode: 0o440 }, text)
      tar.finalize()
      const stream = Readable.from(tar, { objectMode: false })
      await lab.engine.containers.putArchive(
        Id,
        // Without a user of the container's, owners stay as they are.
        { path: '/', noOverwriteDirNonDir: false, copyUIDGID: true },
        stream,
      )
    }
    await put('run/secrets/key', 'secret\n')
    await lab.engine.containers.start(Id, {})
    await settles(async () => expect(await lab.log(Id)).toBe('33:34:440\nsecret\n'))
    await put('tmp/later', 'later\n')
    expect((await lab.exec(Id, 'cat /tmp/later')).out).toBe('later\n')

    expect(await lab.engine.containers.statPath(Id, '/data')).toMatchObject({
      name: 'data',
      mode: 2 ** 31 + 0o750,
    })
    const download = await lab.engine.containers.getArchive(Id, '/data', never)
    const names: string[] = []
    const tar = extract()
    tar.on('entry', (header, stream, next) => {
      names.push(`${header.name} ${header.uid}`)
      stream.on('end', next)
      stream.resume()
    })
    for await (const chunk of download.tar) tar.write(chunk)
    expect(names).toEqual(['data/ 33', 'data/file 0'])
    await expect(lab.engine.containers.statPath(Id, '/none')).rejects.toMatchObject({ kind: 'notFound' })
  })

  test('a folder that was made anew shows nothing of the image', async () => {
    const id = await lab.run('anew', { HostConfig: { NetworkMode: 'none' } })
    expect((await lab.engine.containers.statPath(id, '/data/file')).name).toBe('file')
    await lab.exec(id, 'rm -rf /data && mkdir /data && ln -s /data /linked')
    await expect(lab.engine.containers.statPath(id, '/data/file')).rejects.toMatchObject({ kind: 'notFound' })
    expect(await lab.engine.containers.statPath(id, '/linked')).toMatchObject({ linkTarget: '/data' })
    expect((await lab.engine.containers.statPath(id, '/linked/.')).linkTarget).toBe('')
    expect(await lab.engine.containers.changes(id)).toContainEqual({ Path: '/linked', Kind: 1 })
    await lab.exec(id, 'ln -s loop /loop')
    await expect(lab.engine.containers.statPath(id, '/loop/x')).rejects.toMatchObject({ code: 'PATH_LOOP' })
  })

  test('a tree deeper than any path is measured and taken out, and goes with its container and volume', async () => {
    const id = await lab.run('deep', { HostConfig: { NetworkMode: 'none', Binds: ['deep-data:/volume'] } })
    const name = 'd'.repeat(100)
    const make = `i=0; while [ $i -lt 60 ]; do mkdir ${name} && cd -P ${name} || exit 1; i=$((i+1)); done; echo bottom > f`
    expect((await lab.exec(id, `mkdir /deep && cd /deep; ${make}`)).code).toBe(0)
    expect((await lab.exec(id, `cd /volume; ${make}`)).code).toBe(0)
    const { SizeRw } = await lab.engine.containers.inspect(id, { size: true })
    expect(SizeRw).toBeGreaterThan(60 * 4096)
    expect((await lab.engine.containers.changes(id)).length).toBeGreaterThan(10)
    const { tar } = await lab.engine.containers.getArchive(id, '/deep', never)
    const names: string[] = []
    const reader = extract()
    reader.on('entry', (header, stream, next) => {
      names.push(header.name)
      stream.on('end', next)
      stream.resume()
    })
    for await (const chunk of tar) reader.write(chunk)
    expect(names).toHaveLength(62)
    expect(names.at(-1)).toBe(`deep/${`${name}/`.repeat(60)}f`)
    await lab.engine.containers.remove(id, { force: true, volumes: true, link: false })
    await lab.engine.volumes.remove('deep-data', { force: false })
    expect(existsSync(join(lab.folder, 'root/containers', id))).toBe(false)
    expect(readdirSync(join(lab.folder, 'root/volumes')).filter(each => /deep|removed/.test(each))).toEqual(
      [],
    )
  })

  test('a download that is broken off leaves nothing open', async () => {
    const id = await lab.run('download', { HostConfig: { NetworkMode: 'none' } })
    await lab.exec(id, 'mkdir /big; head -c 8000000 /dev/zero > /big/f')
    const open = (): string[] => readdirSync('/proc/self/fd')
    await settles(() => expect(open().length).toBeGreaterThan(0))
    const before = open().length
    for (let count = 0; count < 4; count++) {
      const unread = await lab.engine.containers.getArchive(id, '/big', never)
      unread.tar.destroy()
      const stop = new AbortController()
      const { tar } = await lab.engine.containers.getArchive(id, '/big', stop.signal)
      await new Promise(resolve => tar.once('data', resolve))
      stop.abort()
      const whole = await lab.engine.containers.export(id, never)
      await new Promise(resolve => whole.once('data', resolve))
      whole.destroy()
    }
    await settles(() => expect(open().length).toBeLessThanOrEqual(before))
  })

  test('a link in the container never leads an archive to the host', async () => {
    const id = await lab.run('evil', { HostConfig: { NetworkMode: 'none' } })
    await lab.exec(id, `ln -s ${lab.folder} /out; ln -s / /abs`)
    await expect(lab.engine.containers.statPath(id, '/out/root')).rejects.toMatchObject({ kind: 'notFound' })
    expect((await lab.engine.containers.statPath(id, '/abs/data')).name).toBe('data')
    // A hard link to a symbolic link is one itself.
    await lab.exec(id, `mkdir -p ${lab.folder}`)
    const tar = pack()
    tar.entry({ name: 'a', type: 'symlink', linkname: lab.folder })
    tar.entry({ name: 'b', type: 'link', linkname: 'a' })
    tar.entry({ name: 'b/pwned' }, 'x')
    tar.finalize()
    const options = { path: '/', noOverwriteDirNonDir: false, copyUIDGID: false }
    await lab.engine.containers.putArchive(id, options, Readable.from(tar, { objectMode: false }))
    expect((await lab.exec(id, `cat ${lab.folder}/pwned`)).out).toBe('x')
    expect(existsSync(join(lab.folder, 'pwned'))).toBe(false)
  })
})

describe('logs', () => {
  test('the last lines, a time span, and what comes', async () => {
    const id = await lab.run('l1', {
      Cmd: ['sh', '-c', 'for i in 1 2 3 4 5; do echo $i; echo e$i >&2; done; sleep 0.3; echo 6; printf end'],
      HostConfig: { NetworkMode: 'none' },
    })
    const following = lab.log(id, { follow: true, stderr: false })
    expect(await following).toBe('1\n2\n3\n4\n5\n6\nend')
    expect(await lab.log(id, { tail: 2, stderr: false })).toMatch(/^5\n6\nend$|^6\nend$/)
    expect(await lab.log(id, { since: BigInt(Date.now()) * 1_000_000n })).toBe('')
  })

  test('a follower crosses rotations and misses no line', async () => {
    const id = await lab.run('rot', {
      Cmd: [
        'sh',
        '-c',
        'until [ -e /go ]; do sleep 0.01; done; i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done',
      ],
      HostConfig: {
        NetworkMode: 'none',
        LogConfig: { Type: 'json-file', Config: { 'max-size': '8k', 'max-file': '2' } },
      },
    })
    const options = { follow: true, stdout: true, stderr: true, timestamps: false }
    const log = await lab.engine.containers.logs(id, options, new AbortController().signal)
    await lab.exec(id, 'touch /go')
    const chunks: Uint8Array[] = []
    for await (const records of log.records) chunks.push(...records.map(({ bytes }) => bytes))
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n')
    expect(lines.length).toBe(20000)
    expect(lines.every((line, index) => line === `line ${index}`)).toBe(true)
    expect((await lab.log(id, { tail: 100 })).split('\n')[0]).toBe('line 19900')
  })
})

describe('a new engine', () => {
  test('knows what runs, what ended meanwhile, and goes on with it', async () => {
    await lab.engine.networks.create({ Name: 'front' })
    const id = await lab.run('keeps', { HostConfig: { NetworkMode: 'front' } })
    const ends = await lab.run('ends', {
      Cmd: ['sh', '-c', 'sleep 0.3; exit 4'],
      HostConfig: { NetworkMode: 'front' },
    })
    const before = await lab.engine.containers.inspect(id, { size: false })
    await lab.engine.close()
    await settles(() => {
      expect(readFileSync(join(lab.folder, 'root/containers', ends, 'status'), 'utf8')).toContain(
        'phase=exited',
      )
    })
    await lab.reopen()
    const after = await lab.engine.containers.inspect(id, { size: false })
    expect(after.State).toEqual(before.State)
    expect(after.NetworkSettings.Networks).toEqual(before.NetworkSettings.Networks)
    expect((await lab.engine.containers.inspect(ends, { size: false })).State).toMatchObject({
      Status: 'exited',
      ExitCode: 4,
    })
    expect((await lab.exec(id, 'echo alive')).out).toBe('alive\n')
    await lab.engine.containers.stop(id, {})
  })

  test('kills what a killed monitor left, and applies the policy', async () => {
    const id = await lab.run('m1', { HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'always' } } })
    const first = await lab.pidOf(id)
    const monitor = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${first}/status`, 'utf8'))?.[1])
    process.kill(monitor, 'SIGKILL')
    await settles(async () => {
      const pid = await lab.pidOf(id)
      expect(pid).toBeGreaterThan(0)
      expect(pid).not.toBe(first)
    })
    // A zombie has nobody to reap it where PID 1 does not.
    await settles(() => expect(startTimeOf(first)).toBeUndefined())
    expect(lab.warnings.map(warning => warning.code)).toContain('MONITOR_DIED')
  })

  test('repairs a bridge that somebody deleted', async () => {
    const bridge = `tsb${process.pid}`
    await lab.engine.networks.create({
      Name: 'front',
      Options: { 'com.docker.network.bridge.name': bridge },
    })
    execFileSync('ip', ['link', 'del', bridge])
    expect((await lab.engine.networks.inspect('front')).TscomposeDrift).toHaveLength(1)
    await lab.run('c1', { HostConfig: { NetworkMode: 'front' } })
    expect((await lab.engine.networks.inspect('front')).TscomposeDrift).toBeUndefined()
  })

  test('is refused while one lives', async () => {
    await expect(lab.openAnother()).rejects.toMatchObject({ code: 'ENGINE_RUNNING' })
  })
})
