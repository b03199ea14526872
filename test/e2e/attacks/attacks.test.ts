// Escapes that others had, by their numbers in test/e2e/attacks/cases.ts, which says where the rest of them are tried. All
// that an attack could hurt here is a folder with a file in it.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerCreateRequest, HostConfig } from '../../../src/api/types/index.ts'
import { program, requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox } from '../harness/sandbox.ts'

const alone = { NetworkMode: 'none' }

requires(program('gcc')).describe('attacks', () => {
  const lab = new EngineLab()
  let marker: string
  beforeAll(async () => {
    const tools = join(lab.folder, 'tools')
    mkdirSync(tools)
    for (const name of ['session-keyring', 'old-sockets']) {
      const arguments_ = ['-static', '-O1', '-D_GNU_SOURCE', '-o', join(tools, name), `native/test/${name}.c`]
      execFileSync('gcc', arguments_)
    }
    marker = join(lab.folder, 'marker')
    mkdirSync(marker)
    writeFileSync(join(marker, 'victim'), 'unharmed')
    await lab.open()
    await lab.buildImage()
  })
  afterEach(async () => {
    expect(readdirSync(marker)).toEqual(['victim'])
    expect(readFileSync(join(marker, 'victim'), 'utf8')).toBe('unharmed')
    await lab.clear()
  })
  afterAll(() => lab.close())

  const run = (name: string, host: HostConfig = {}, body: ContainerCreateRequest = {}): Promise<string> =>
    lab.run(name, { ...body, HostConfig: { ...alone, ...host } })
  const withTools = (): HostConfig => ({ Binds: [`${join(lab.folder, 'tools')}:/tools:ro`] })
  /** What of some attempts succeeded, by their names. */
  const done = async (id: string, attempts: Readonly<Record<string, string>>): Promise<string[]> => {
    const lines = Object.entries(attempts).map(
      ([name, line]) => `(${line}) >/dev/null 2>&1 && echo '${name}'`,
    )
    return (await lab.exec(id, `${lines.join('\n')}\ntrue`)).out.split('\n').filter(Boolean)
  }

  test('B2: a working directory that is one of our descriptors', { timeout: 120_000 }, async () => {
    const id = await run('inside')
    const places = Array.from({ length: 38 }, (_, index) => `/proc/self/fd/${index + 3}`)
    for (const WorkingDir of places) {
      const { Id } = await lab.engine.exec.create(id, { Cmd: ['pwd'], WorkingDir, AttachStdout: true })
      await expect(lab.engine.exec.start(Id, { tty: false }), WorkingDir).rejects.toThrow()
    }
    for (const WorkingDir of places.slice(0, 12))
      await expect(run(`of-fd-${WorkingDir.slice(14)}`, {}, { WorkingDir }), WorkingDir).rejects.toThrow()
    expect((await lab.exec(id, ['ls', '/proc/1/fd'])).out).toBe('0\n1\n2\n')
  })

  test('B5: files copied in and out of what changes meanwhile, beside programs of the container', {
    timeout: 120_000,
  }, async () => {
    const trojans = ['xz', 'unpigz', 'gzip', 'zstd', 'tar'].map(
      name => `printf '#!/bin/sh\\ntouch /ran\\n' > /usr/bin/${name}; chmod 755 /usr/bin/${name}`,
    )
    const id = await run('swapping')
    await lab.exec(id, `mkdir -p /usr/bin /way ${marker}; ${trojans.join('; ')}`)
    const swap = `while :; do ln -s ${marker} /link; rm -rf /way; mv -T /link /way; rm -f /way; mkdir /way; done 2>/dev/null`
    await lab.exec(id, `(${swap}) >/dev/null 2>&1 </dev/null & true`)
    const read: string[] = []
    for (let round = 0; round < 60; round += 1) {
      const tar = pack()
      tar.entry({ name: 'victim' }, 'overwritten')
      tar.finalize()
      const options = { path: '/way', noOverwriteDirNonDir: false, copyUIDGID: false }
      const attempts = [
        lab.engine.containers.putArchive(id, options, Readable.from(tar, { objectMode: false })),
        (async () => {
          const { tar: bytes } = await lab.engine.containers.getArchive(
            id,
            '/way/victim',
            new AbortController().signal,
          )
          for await (const chunk of bytes) read.push(Buffer.from(chunk).toString())
        })(),
      ]
      // What is not there at the moment is refused.
      await Promise.allSettled(attempts)
    }
    expect(read.join('')).not.toContain('unharmed')
    expect(await done(id, { 'a program of the container ran': 'test -e /ran' })).toEqual([])
  })

  test('B11: users that are none, by the image, the container and an exec', async () => {
    const id = await run('users')
    for (const user of [
      '-1',
      '4294967295',
      '4294967296',
      '2147483648',
      '0:0\n',
      '0:-1',
      '1000:4294967295',
      ' 0',
      '0x0',
      'a:b:c',
    ]) {
      await expect(run('none', {}, { User: user }), JSON.stringify(user)).rejects.toThrow()
      await lab.engine.containers
        .remove('none', { force: true, volumes: false, link: false })
        .catch(() => undefined)
      await expect(lab.exec(id, ['id'], user), JSON.stringify(user)).rejects.toThrow()
    }
    await lab.build('pipe', 'FROM bb\nRUN rm /etc/passwd && mkfifo /etc/passwd\n', {})
    await expect(run('pipe', {}, { Image: 'pipe', User: 'www' })).rejects.toThrow()
    await lab.exec(id, 'rm /etc/passwd; mkfifo /etc/passwd')
    await expect(lab.exec(id, ['id'], 'www')).rejects.toThrow()
  })

  test('B14: groups of the host, by the parent that is asked for and by a tree of its own', async () => {
    const name = `tscompose-attack-${process.pid}`
    await expect(run('climbing', { CgroupParent: `../../../${name}` })).rejects.toThrow()
    const id = await run('groups', { CgroupParent: `/${name}` })
    const found = execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', name], {
      encoding: 'utf8',
    })
    expect(found).toBe('')
    const made = await done(id, {
      mount: 'mkdir /tmp/c && mount -t cgroup -o memory none /tmp/c',
      'mount of v2': 'mkdir /tmp/c2 && mount -t cgroup2 none /tmp/c2',
      release:
        'for f in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do echo /x > $f && exit 0; done; false',
      limit:
        'for f in /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max; do echo max > $f && exit 0; done; false',
      devices: 'for f in /sys/fs/cgroup/devices*/devices.allow; do echo a > $f && exit 0; done; false',
      group: 'for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/x && exit 0; done; false',
    })
    expect(made).toEqual([])
  })

  test('B15, B30: nodes of the host’s devices, made by hand', async () => {
    const nodes: Readonly<Record<string, string>> = {
      ...{
        disk: 'b 254 0',
        sda: 'b 8 0',
        mem: 'c 1 1',
        kmem: 'c 1 2',
        port: 'c 1 4',
        kmsg: 'c 1 11',
        tty0: 'c 4 0',
      },
      ...{ fuse: 'c 10 229', 'loop-control': 'c 10 237', kvm: 'c 10 232', btrfs: 'c 10 234' },
    }
    const opening = Object.entries(nodes).map(([name, numbers]) => [
      name,
      `mknod /tmp/${name} ${numbers} && : < /tmp/${name}`,
    ])
    const id = await run('devices')
    expect(await done(id, Object.fromEntries(opening))).toEqual([])
    expect(await done(id, { 'the kernel’s log': 'test -n "$(dmesg)"', zero: 'head -c 1 /dev/zero' })).toEqual(
      ['zero'],
    )
  })

  test('B22: what the caller’s environment would have our programs load', async () => {
    const evil = {
      LD_PRELOAD: '/nonexistent/evil.so',
      NODE_OPTIONS: '--no-warnings',
      BASH_ENV: '/nonexistent',
    }
    const sandbox = makeSandbox({ env: { ...evil, APP_SECRET: 'not-for-others' } })
    try {
      await sandbox.busybox()
      sandbox.write(
        'compose.yaml',
        'name: preload\nservices: {a: {image: busybox, command: sleep 1000, environment: [APP_SECRET]}}\n',
      )
      await sandbox.ok('up', '-d')
      const engine = sandbox.enginePid() ?? 0
      const asked = (path: string): unknown =>
        JSON.parse(
          execFileSync('curl', ['-sf', '--unix-socket', sandbox.socket, `http://x/${path}`]).toString(),
        )
      const { State } = asked('containers/preload-a-1/json') as { State: { Pid: number } }
      const monitor = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${State.Pid}/status`, 'utf8'))?.[1]
      for (const pid of [engine, monitor]) {
        const told =
          readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        expect(told).not.toMatch(/LD_PRELOAD|NODE_OPTIONS|BASH_ENV|not-for-others/)
      }
      const { stdout } = await sandbox.ok('exec', '-T', 'a', 'env')
      expect(stdout).not.toMatch(/LD_PRELOAD|NODE_OPTIONS|BASH_ENV/)
    } finally {
      await sandbox.close()
    }
  })

  test('B24, B33: sockets of AF_ALG and AF_VSOCK, by the call of 32-bit programs', async () => {
    const id = await run('sockets', withTools())
    expect((await lab.exec(id, '/tools/old-sockets 2 38 40')).out).toBe('2 38\n38 38\n40 38\n')
  })

  test('B25: the session keyring of the engine, or of another container, without a filter', async () => {
    const open = { ...withTools(), SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'] }
    const keyring = async (id: string): Promise<string> => (await lab.exec(id, '/tools/session-keyring')).out
    const own = execFileSync(join(lab.folder, 'tools/session-keyring'), { encoding: 'utf8' })
    const main = await lab.sh('/tools/session-keyring', { HostConfig: { ...alone, ...open } })
    const serials = [
      own,
      main.out,
      await keyring(await run('one', open)),
      await keyring(await run('two', open)),
    ]
    expect(new Set(serials).size).toBe(4)
    expect(Number(serials[1])).toBeGreaterThan(0)
    expect(await keyring(await run('filtered', withTools()))).toBe('-1\n')
  })

  test('B13, B26, B31: new namespaces, the clock and settings of the kernel', async () => {
    const id = await run('kernel')
    const made = await done(id, {
      'user namespace': 'unshare -U true',
      'mount namespace': 'unshare -m true',
      mount: 'mount -t tmpfs none /tmp',
      remount: 'mount -o remount,rw /proc/sys',
      'host name': 'hostname other',
      time: `! date -s "$(date '+%Y-%m-%d %H:%M:%S')" 2>&1 | grep -q 'not permitted'`,
      module: 'insmod /bin/busybox',
      core_pattern: ': > /proc/sys/kernel/core_pattern',
      modprobe: ': > /proc/sys/kernel/modprobe',
      sysrq: ': > /proc/sysrq-trigger',
      uevent_helper: ': > /sys/kernel/uevent_helper',
      binfmt: ': > /proc/sys/fs/binfmt_misc/register',
      power: ': > /sys/power/state',
      irq: ': > /proc/irq/default_smp_affinity',
    })
    expect(made).toEqual([])
  })

  test('B28: the terminal of the caller', async () => {
    const id = await run('terminal')
    expect(await done(id, { 'an exec has one': ': < /dev/tty' })).toEqual([])
    // Whoever leads a session of its own has no terminal but one that it takes.
    expect(
      (await lab.exec(id, 'test $$ = $(cut -d" " -f6 /proc/$$/stat) && cut -d" " -f7 /proc/$$/stat')).out,
    ).toBe('0\n')
    const { out } = await lab.sh(
      '(: < /dev/tty) 2>/dev/null && echo has one; ls -l /proc/self/fd 2>/dev/null | grep -c /dev/pts; cut -d" " -f6,7 /proc/self/stat',
    )
    expect(out).toBe('0\n1 0\n')
  })

  test('B34: processes without end', async () => {
    const other = await run('other')
    const id = await run('bomb', { PidsLimit: 20 })
    const { out } = await lab.exec(
      id,
      'i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done 2>&1; echo; ls -d /proc/[0-9]* | wc -l',
    )
    expect(out).toMatch(/can't fork|Resource/)
    expect((await lab.exec(other, 'echo fine')).out).toBe('fine\n')
    await lab.engine.containers.stop(id, { timeout: 0 })
    await eventually(
      'it has ended',
      async () => !(await lab.engine.containers.inspect(id, { size: false })).State.Running,
    )
  })

  describe('B35: values that would reach beyond the container', () => {
    test.each<[string, HostConfig]>([
      ['a sysctl of the host', { Sysctls: { 'kernel.core_pattern': '|/bin/sh' } }],
      ['a sysctl by a path', { Sysctls: { 'net/../kernel/core_pattern': 'x' } }],
      ['a sysctl by dots', { Sysctls: { 'net..kernel.core_pattern': 'x' } }],
      ['a limit beyond the kernel’s', { Ulimits: [{ Name: 'nofile', Soft: 2 ** 40, Hard: 2 ** 40 }] }],
      ['a rule of devices with a line of its own', { DeviceCgroupRules: ['c 1:3 r\na *:* rwm'] }],
      [
        'a device that is none',
        { Devices: [{ PathOnHost: '/etc/passwd', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }] },
      ],
    ])('%s', async (_, host) => {
      await expect(run('values', host)).rejects.toThrow()
      expect(await lab.engine.containers.list({ all: true, size: false, filters: {} })).toEqual([])
    })
  })

  test('B23: names and targets that climb out', async () => {
    for (const name of ['../evil', 'a/b', '..', 'a\nb', 'a\0b', '.hidden'])
      await expect(run(name), JSON.stringify(name)).rejects.toThrow()
    await expect(lab.engine.volumes.create({ Name: '../evil' })).rejects.toThrow()
    const id = await run('targets', { Binds: [`${marker}:/../../../in:ro`] })
    expect((await lab.exec(id, 'cat /in/victim')).out).toBe('unharmed')
    expect(existsSync('/in/victim')).toBe(false)
  })
})
