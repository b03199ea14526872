// An image that tries to get hold of what its container was started with: our binary, our fds, the host's devices.
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerCreateRequest } from '../../../src/api/types/index.ts'
import { findNative } from '../../../src/native/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

/** An interpreter that is whatever the process that becomes the command runs from. */
const RUN = '#!/proc/self/exe init\n'
/** Tries to change the binary of a process, and tells what it saw and did. */
const ATTACK = `#!/bin/sh
exe=/proc/$1/exe
readlink $exe
for change in "chmod 4777 $exe" "chown 33 $exe" "touch $exe" "dd if=/bin/sh of=$exe conv=notrunc"; do
  $change 2>/tmp/why && echo "done: $change"
done
echo tried
`
const HARMLESS = '/tscompose-native (deleted)\ntried\n'

/** The binary that the engine has here is a copy: a test that fails must not hurt the real one. */
let binary: string
let before: unknown
const lab = new EngineLab()

beforeAll(async () => {
  binary = join(lab.folder, 'native')
  copyFileSync(findNative(), binary)
  chmodSync(binary, 0o755)
  process.env['TSCOMPOSE_NATIVE'] = binary
  before = stateOf(binary)
  await lab.open()
  await lab.buildImage()
  await lab.build(
    'hostile',
    'FROM bb\nCOPY run attack /\nRUN ["/run", "sh", "-c", "/attack 1 > /from-build"]\n',
    { run: RUN, attack: ATTACK },
  )
})
afterEach(() => lab.clear())
afterAll(async () => {
  await lab.close()
  delete process.env['TSCOMPOSE_NATIVE']
})

/** All of a file that a container could have changed. */
function stateOf(path: string): unknown {
  const { ino, mode, uid, gid, nlink, mtimeMs } = statSync(path)
  return {
    ino,
    mode,
    uid,
    gid,
    nlink,
    mtimeMs,
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
  }
}

/** A container's monitor, by its first process. */
const parentOf = (pid: number): string =>
  /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''

const alone = { NetworkMode: 'none' }
const runHostile = (name: string, body: ContainerCreateRequest = {}): Promise<string> =>
  lab.run(name, { Image: 'hostile', Cmd: ['/run', 'sleep', '1000'], HostConfig: alone, ...body })

describe('the binary of the host', () => {
  afterEach(() => expect(stateOf(binary)).toEqual(before))

  test('is not what a RUN step gets hold of', async () => {
    expect(await lab.sh('cat /from-build', { Image: 'hostile' })).toEqual({ out: HARMLESS, code: 0 })
  })

  test('is not what the main command gets hold of, with init or without', async () => {
    for (const Init of [false, true]) {
      const id = await runHostile(`main-${Init}`, { HostConfig: { ...alone, Init } })
      expect((await lab.exec(id, '/attack 1')).out).toBe(HARMLESS)
    }
  })

  test('is not what an exec gets hold of', async () => {
    const id = await runHostile('execs')
    expect((await lab.exec(id, ['/run', 'sh', '-c', '/attack $PPID'])).out).toBe(HARMLESS)
  })

  test('is not what a health check gets hold of', async () => {
    const id = await runHostile('probed', {
      Healthcheck: { Test: ['CMD', '/run', 'sh', '-c', '/attack $PPID > /tmp/probe'], Interval: 1e9 },
    })
    const seen = await eventually('the check has tried', async () => {
      const { out } = await lab.exec(id, 'cat /tmp/probe')
      return out.includes('tried') && out
    })
    expect(seen).toBe(HARMLESS)
  })

  test('is not what a container in the pid namespace of another, or of the host, gets hold of', async () => {
    const id = await runHostile('first')
    const shared = { Image: 'hostile', Cmd: ['sleep', '1000'] }
    const neighbour = await lab.run('second', {
      ...shared,
      HostConfig: { ...alone, PidMode: `container:${id}` },
    })
    expect((await lab.exec(neighbour, '/attack 1')).out).toBe(HARMLESS)
    const seeing = { ...alone, PidMode: 'host', CapAdd: ['SYS_PTRACE'] }
    const traced = await lab.run('third', { ...shared, HostConfig: seeing })
    const { Pid } = (await lab.engine.containers.inspect(traced, { size: false })).State
    const monitor = parentOf(Pid)
    expect((await lab.exec(traced, `/attack ${monitor}`)).out).toBe(HARMLESS)
    const usual = await lab.run('fourth', { ...shared, HostConfig: { ...alone, PidMode: 'host' } })
    expect((await lab.exec(usual, `readlink /proc/${monitor}/exe || echo unseen`)).out).toBe('unseen\n')
  })

  test('does not run for whom its mode or its capabilities would make more than they are', async () => {
    const copy = join(lab.folder, 'setuid')
    copyFileSync(binary, copy)
    const { execFileSync, spawnSync } = await import('node:child_process')
    chmodSync(lab.folder, 0o755)
    chmodSync(copy, 0o4755)
    const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', copy]
    expect(spawnSync('setpriv', [...asNobody, 'check'], { input: '' }).status).toBe(125)
    chmodSync(copy, 0o755)
    expect(spawnSync('setpriv', [...asNobody, 'check'], { input: '' }).status).toBe(1)
    expect(spawnSync(copy, ['init', '1', 'true']).status).toBe(125)
    execFileSync('rm', [copy])
  })
})

describe('a container whose /dev/null is something else', () => {
  const links = [...Array.from({ length: 14 }, (_, index) => index + 3), 100, 101].map(
    fd => `ln -s /proc/self/fd/${fd} /dev/null`,
  )
  const PROBE =
    'readlink /proc/self/fd/0; stat -L -c %t:%T /proc/self/fd/0; wc -c; chmod 600 /proc/self/fd/0 || echo kept; ls /proc/self/fd | wc -l'
  /** A null device that stays as it is, and no fd but 0, 1, 2 and the one of `ls`. */
  const NULL = '/dev/null\n1:3\n0\nkept\n4\n'
  const seen = (out: string): string => out.replace(/^chmod: .*\n/m, '')

  test('gives a command without stdin a null device, and nothing of the host', async () => {
    const host = stateOf(binary)
    const id = await lab.run('dev', { HostConfig: alone })
    for (const change of [
      ...links,
      'ln -s /proc/self/exe /dev/null',
      'mkfifo /dev/null',
      'echo text > /dev/null',
      'true',
    ]) {
      await lab.exec(id, `rm -f /dev/null; ${change}`)
      expect([change, seen((await lab.exec(id, PROBE)).out)]).toEqual([change, NULL])
    }
    expect(stateOf(binary)).toEqual(host)
    expect(statSync('/dev/null').mode & 0o777).toBe(0o666)
  })

  test('does the same for its main command', async () => {
    const file = join(lab.folder, 'not-null')
    writeFileSync(file, 'text')
    const { out } = await lab.sh(PROBE, { HostConfig: { ...alone, Binds: [`${file}:/dev/null`] } })
    expect(seen(out)).toBe(NULL)
  })

  test('does not keep a health check from ending', async () => {
    const id = await lab.run('fifo', {
      HostConfig: alone,
      Healthcheck: { Test: ['CMD-SHELL', 'test -e /tmp/ok'], Interval: 100e6, Timeout: 5e9, Retries: 1 },
    })
    await lab.exec(id, 'touch /tmp/ok; rm /dev/null; mkfifo /dev/null')
    await eventually('healthy', async () => (await healthOf(id)) === 'healthy')
    await lab.exec(id, 'rm /tmp/ok')
    await eventually('unhealthy', async () => (await healthOf(id)) === 'unhealthy')
  })
})

const healthOf = async (id: string): Promise<string | undefined> =>
  (await lab.engine.containers.inspect(id, { size: false })).State.Health?.Status

test('one copy of the binary serves all containers of an engine', async () => {
  const copies = new Set<string>()
  for (const name of ['one', 'two']) {
    const id = await lab.run(name, { HostConfig: alone })
    const { Pid } = (await lab.engine.containers.inspect(id, { size: false })).State
    const { dev, ino } = statSync(`/proc/${parentOf(Pid)}/exe`)
    copies.add(`${dev}:${ino}`)
  }
  expect(copies.size).toBe(1)
})

test('a health check that prints much ends, and its first words are kept', async () => {
  const id = await lab.run('chatty', {
    HostConfig: alone,
    Healthcheck: { Test: ['CMD-SHELL', 'seq 1 200000; exit 3'], Interval: 100e6, Retries: 1 },
  })
  await eventually('unhealthy', async () => (await healthOf(id)) === 'unhealthy')
  const log = (await lab.engine.containers.inspect(id, { size: false })).State.Health?.Log?.at(-1)
  expect([log?.ExitCode, log?.Output.length, log?.Output.slice(0, 6)]).toEqual([3, 4096, '1\n2\n3\n'])
})

test('a health check that cannot even start is over after its time, and leaves no process', async () => {
  const id = await lab.run('frozen', {
    HostConfig: alone,
    Healthcheck: { Test: ['CMD', 'true'], Interval: 100e6, Timeout: 500e6, Retries: 2 },
  })
  await eventually('healthy', async () => (await healthOf(id)) === 'healthy')
  const { Pid } = (await lab.engine.containers.inspect(id, { size: false })).State
  // Behind the engine's back: what is moved into the group on its way to the command stops there.
  const group = unifiedGroupOf(Pid)
  writeFileSync(join(group, 'cgroup.freeze'), '1')
  try {
    await eventually('unhealthy', async () => (await healthOf(id)) === 'unhealthy')
    const output = (await lab.engine.containers.inspect(id, { size: false })).State.Health?.Log?.at(
      -1,
    )?.Output
    expect(output).toBe('Health check exceeded timeout (0.5s)')
    await eventually(
      'the checks that hung are gone',
      () => readFileSync(join(group, 'cgroup.procs'), 'utf8') === `${Pid}\n`,
    )
  } finally {
    writeFileSync(join(group, 'cgroup.freeze'), '0')
  }
  await eventually('healthy again', async () => (await healthOf(id)) === 'healthy')
})

/** The folder of a process's group in the v2 hierarchy. */
function unifiedGroupOf(pid: number): string {
  const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? ''
  const path = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? ''
  return join(mount, path)
}

test('a command whose path leads through /proc/self/fd finds nothing there', async () => {
  // A sub-path of a volume is held by an fd of a folder of the host while the container starts.
  await lab.engine.volumes.create({ Name: 'held' })
  await lab.sh('mkdir /v/sub', { HostConfig: { ...alone, Binds: ['held:/v'] } })
  const mount = {
    Type: 'volume' as const,
    Source: 'held',
    Target: '/v',
    VolumeOptions: { Subpath: 'sub' },
  }
  for (const fd of [...Array.from({ length: 40 }, (_, index) => index + 3), 100, 101]) {
    const Cmd = [`/proc/self/fd/${fd}/../../../../../../../../bin/sh`, '-c', 'true']
    await expect(
      lab.run(`fd-${fd}`, { Cmd, HostConfig: { ...alone, Mounts: [mount] } }),
      `fd ${fd}`,
    ).rejects.toMatchObject({ code: expect.stringMatching(/^COMMAND_/) })
  }
})
