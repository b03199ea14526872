import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '../../../src/diagnostics/index.ts'
import type { RuntimeMount } from '../../../src/engine/runtime/index.ts'
import { relayConfinement } from '../../../src/engine/security/index.ts'
import { startTimeOf } from '../../../src/linux/process-identity.ts'
import { ensureBridge, removeBridgeOps } from '../../../src/network/drivers/bridge-device.ts'
import { type Network, networkProgram } from '../../../src/network/index.ts'
import { present, requires } from '../../requires.ts'
import { BareEngine } from './bare-engine.ts'

/** Reference checks that are kept beside the repository; the tests of our own below do not need them. */
const REFERENCE = resolve('../shared/isolation')
const reference = requires(present('the reference checks of isolation', REFERENCE))
/** What a container in the host's user namespace cannot have: see docs/architecture.md. */
const NEEDS_USER_NAMESPACE = ['S-userns', 'S-kpage-unreadable']

let engine: BareEngine

beforeAll(() => {
  engine = new BareEngine()
})

afterAll(async () => {
  await engine?.close()
})

const status = (field: string): string => `awk '/^${field}:/{print $2}' /proc/self/status`

describe('a default container', () => {
  reference.test('must pass every check of the reference and the stricter ones', {}, async () => {
    const tools = join(engine.folder, 'tools')
    mkdirSync(tools)
    copyFileSync(join(REFERENCE, 'isolation-check.sh'), join(tools, 'isolation-check.sh'))
    const network = testNetwork()
    await ensureBridge(engine.native, network)
    try {
      const { output } = await engine.run('STRICT=1 sh /tools/isolation-check.sh; true', {
        mounts: [{ kind: 'bind', source: tools, target: '/tools', readonly: true }],
        network: endpointOf(network),
      })
      const failed = output.split('\n').flatMap(line => /^FAIL (\S+?):/.exec(line)?.[1] ?? [])
      expect(output).toMatch(/^# 91 checks/m)
      expect(
        failed.filter(name => !NEEDS_USER_NAMESPACE.includes(name)),
        output,
      ).toEqual([])
    } finally {
      await engine.native.run({ setup: removeBridgeOps(network) })
    }
  })

  reference.test('must refuse all that the probe tries', {}, async () => {
    const tools = join(engine.folder, 'probe')
    mkdirSync(tools)
    const source = join(REFERENCE, 'probe.c')
    execFileSync('gcc', ['-O1', '-static', '-w', '-o', join(tools, 'probe'), source])
    const { output } = await engine.run('/tools/probe', {
      mounts: [{ kind: 'bind', source: tools, target: '/tools', readonly: true }],
    })
    expect(output.split('\n').filter(line => line.startsWith('FAIL'))).toEqual([])
    expect(output).toMatch(/^# 0 FAIL/m)
  })

  it('must hold the default capabilities, a filter and nothing inherited', async () => {
    const { output } = await engine.run(
      'grep -E "^(Cap|NoNewPrivs|Seccomp:|Umask|Groups)" /proc/self/status | tr "\\t" " "',
    )
    expect(
      output
        .trim()
        .split('\n')
        .map(line => line.trim()),
    ).toEqual([
      'Umask: 0022',
      'Groups: 0',
      'CapInh: 0000000000000000',
      'CapPrm: 00000000a80425fb',
      'CapEff: 00000000a80425fb',
      'CapBnd: 00000000a80425fb',
      'CapAmb: 0000000000000000',
      'NoNewPrivs: 0',
      'Seccomp: 2',
    ])
  })

  it('must show no path, process, descriptor or control group of the host', async () => {
    const { output } = await engine.run(
      `cat /proc/self/mountinfo; echo --; ls /proc/1/fd; echo --; ls -d /proc/[0-9]* | wc -l; echo --; cat /proc/self/cgroup`,
      { etc: {} },
    )
    const [mounts = '', fds = '', count, groups = ''] = output.split('--\n')
    expect(mounts).not.toContain(engine.folder)
    expect(mounts).not.toMatch(/devtmpfs|shared:|master:/)
    expect(fds.trim().split('\n')).toEqual(['0', '1', '2'])
    expect(Number(count)).toBeLessThan(5)
    expect(
      groups
        .trim()
        .split('\n')
        .filter(line => !line.endsWith(':/')),
    ).toEqual([])
  })

  it('must find kernel interfaces hidden or read-only', async () => {
    const { output } = await engine.run(`
      for f in keys kcore cmdline kallsyms timer_list modules; do [ -e /proc/$f ] && head -c1 /proc/$f | wc -c; done
      ls -A /sys/firmware /sys/kernel/debug /sys/kernel/security /sys/fs/pstore 2>/dev/null | grep -v : | tr -d '\\n'
      for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/uevent_helper; do
        (echo x > $f) 2>/dev/null && echo WRITTEN $f
      done
      chmod 600 /proc/keys 2>/dev/null && echo CHANGED MASK
      mkdir /sys/fs/cgroup/x /sys/fs/cgroup/memory/x 2>/dev/null && echo MADE GROUP
      true`)
    expect(output.replaceAll('0\n', '')).toBe('')
    expect(readFileSync('/dev/null', 'utf8')).toBe('')
  })

  it('must be limited in processes and files', async () => {
    const { output } = await engine.run(
      'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; ulimit -c; ulimit -s',
    )
    expect(output).toBe('4096\n0\n8192\n')
  })
})

describe('what a container is given', () => {
  it('must run a user without capabilities, with exact groups', async () => {
    const { output } = await engine.run(
      `id -u; id -G; ${status('CapEff')}; ${status('CapBnd')}; echo x > /dev/stdout; touch /etc/x 2>/dev/null || echo refused`,
      { process: { user: { uid: 33, gid: 33, groups: [33, 44] } } },
    )
    expect(output).toBe('33\n33 44\n0000000000000000\n00000000a80425fb\nx\nrefused\n')
  })

  it('must add and drop capabilities, and refuse new ones when asked', async () => {
    const { output } = await engine.run(`${status('CapEff')}; ${status('NoNewPrivs')}`, {
      security: { capDrop: ['ALL'], capAdd: ['NET_ADMIN'], noNewPrivileges: true },
    })
    expect(output).toBe('0000000000001000\n1\n')
  })

  it('must unlock all for privileged containers alone', async () => {
    const { output } = await engine.run(
      `${status('CapEff')}; ${status('Seccomp')}; mount -t tmpfs x /tmp && echo mounted; [ -s /proc/cmdline ] && echo seen`,
      { security: { privileged: true } },
    )
    const bits = engine.host.capabilities.toString(16).padStart(16, '0')
    expect(output).toBe(`${bits}\n0\nmounted\nseen\n`)
  })

  it('must filter by a profile of the user', async () => {
    const json = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 30 }],
    })
    const { output } = await engine.run('mkdir /x', { security: { seccomp: { kind: 'profile', json } } })
    expect(output).toMatch(/Read-only file system/)
  })

  it('must mount binds, volumes, tmpfs and images in the order of their targets', async () => {
    const source = join(engine.folder, 'source')
    mkdirSync(join(source, 'sub'), { recursive: true })
    writeFileSync(join(source, 'file'), 'from the host\n')
    writeFileSync(join(source, 'sub/inner'), 'inner\n')
    const mounts: RuntimeMount[] = [
      { kind: 'bind', source: join(source, 'file'), target: '/data/deep/file' },
      { kind: 'tmpfs', target: '/data', size: 1 << 20, options: ['exec', 'mode=0700'] },
      { kind: 'volume', source, subpath: 'sub', target: '/volume', readonly: true },
      { kind: 'image', layers: [engine.layer], subpath: 'etc', target: '/image' },
    ]
    const { output } = await engine.run(
      `cat /data/deep/file /volume/inner; ls /image; stat -c %a /data; df -k /data | awk 'END{print $2}'
       touch /volume/x /image/x 2>/dev/null || echo read-only; grep ' /data ' /proc/mounts | cut -d' ' -f4 | cut -d, -f1-3`,
      { mounts },
    )
    expect(output).toBe('from the host\ninner\ngroup\npasswd\n700\n1024\nread-only\nrw,nosuid,nodev\n')
  })

  it('must keep a subpath inside its volume, whatever links lie there', async () => {
    const volume = join(engine.folder, 'hostile-volume')
    mkdirSync(volume)
    symlinkSync('/etc', join(volume, 'out'))
    const container = engine.run('ls /v', {
      mounts: [{ kind: 'volume', source: volume, subpath: 'out', target: '/v' }],
    })
    await expect(container).rejects.toBeInstanceOf(Failure)
  })

  it('must have a read-only root, with mount points made before', async () => {
    const { output } = await engine.run(
      'touch /x 2>/dev/null || echo refused; touch /new/point/x && ls /new/point',
      {
        root: { ...engine.spec('').root, readonly: true },
        mounts: [{ kind: 'tmpfs', target: '/new/point' }],
      },
    )
    expect(output).toBe('refused\nx\n')
  })

  it('must have the devices that were given and no other', async () => {
    const { output } = await engine.run(
      'ls -l /dev/given | cut -c1-10; head -c1 /dev/given | wc -c; mknod /tmp/kmsg c 1 11; cat /tmp/kmsg 2>&1 | grep -o "not permitted"',
      { devices: { mappings: [{ source: '/dev/zero', target: '/dev/given', permissions: 'rw' }] } },
    )
    expect(output).toBe('crw-rw-rw-\n1\nnot permitted\n')
  })

  it('must set names, sysctls and rlimits', async () => {
    const { output } = await engine.run(
      'hostname; cat /proc/sys/kernel/domainname /proc/sys/net/core/somaxconn /proc/sys/kernel/msgmax; ulimit -n',
      {
        hostname: 'box',
        domainname: 'test.example',
        sysctls: { 'net.core.somaxconn': '99', 'kernel.msgmax': '4096' },
        process: { rlimits: [{ name: 'nofile', soft: 100, hard: 200 }] },
      },
    )
    expect(output).toBe('box\ntest.example\n99\n4096\n100\n')
  })

  it('must be killed above its memory limit, and say so', async () => {
    const { status: end } = await engine.run('tail /dev/zero', {
      limits: { memory: 24 << 20, memorySwap: 24 << 20 },
    })
    expect(end.exitCode).toBe(137)
    expect(end.oomKilled).toBe(true)
  })

  it('must have a terminal of its own when asked', async () => {
    const { output } = await engine.run('tty; [ -t 0 ] && [ -c /dev/console ] && echo console; stty size', {
      process: { tty: true },
    })
    expect(output.replaceAll('\r', '')).toBe('/dev/pts/0\nconsole\n24 80\n')
  })

  it('must have our init as PID 1 when asked', async () => {
    const { output, status: end } = await engine.run('echo $$; cat /proc/1/comm; exit 7', { init: true })
    const [shell, name] = output.split('\n')
    expect(shell).not.toBe('1')
    expect(name).toBe('tscompose-init')
    expect(end.exitCode).toBe(7)
  })
})

describe('containers together', () => {
  it('must share the namespaces that are joined, and exec must be held by the same rules', async () => {
    const first = await engine.start(engine.spec('mkdir /dev/shm/met; sleep 60'))
    const other = { kind: 'process', pid: first.pid, startTime: startTimeOf(first.pid) ?? 0n } as const
    const net = { kind: 'path', path: `/proc/${first.pid}/ns/net` } as const
    const { output } = await engine.run(
      'hostname; until ls /dev/shm | grep met; do :; done; until ps | grep -q "[s]leep 60"; do :; done; ps | grep -c "[s]leep 60"',
      {
        namespaces: { pid: other, ipc: other, uts: other, net },
      },
    )
    expect(output).toBe(`${first.spec.hostname}\nmet\n1\n`)
    const seen = await engine.exec(
      first,
      `${status('CapEff')}; ${status('Seccomp')}; hostname; cat /proc/self/cgroup`,
    )
    const [capabilities, seccomp, hostname, ...groups] = seen.trim().split('\n')
    expect([capabilities, seccomp, hostname]).toEqual(['00000000a80425fb', '2', first.spec.hostname])
    expect(groups.filter(line => !line.endsWith(':/'))).toEqual([])
    // The fourth is the folder that ls itself reads.
    expect(await engine.exec(first, '', { argv: ['ls', '/proc/self/fd'] })).toBe('0\n1\n2\n3\n')
    const user = await engine.exec(first, `${status('CapEff')}; id -G`, {
      user: { uid: 33, gid: 33, groups: [33] },
    })
    expect(user).toBe('0000000000000000\n33\n')
    await first.connection.signal(9, { manual: true })
    await first.ended
  })
})

describe('a hostile image', () => {
  it.each([
    '/proc',
    '/sys',
    '/dev',
    '/etc',
    '/etc/hosts',
    '/dev/pts',
    '/sys/fs',
  ])('must not reach the host through a link at %s', async place => {
    const marker = join(engine.folder, `marker${place.replaceAll('/', '-')}`)
    mkdirSync(marker)
    writeFileSync(join(marker, 'victim'), 'unharmed')
    const layer = join(engine.folder, `hostile${place.replaceAll('/', '-')}`)
    mkdirSync(join(layer, place, '..'), { recursive: true })
    symlinkSync(place === '/etc/hosts' ? join(marker, 'victim') : marker, join(layer, place))
    const spec = engine.spec('echo ran', {})
    const outcome = await engine
      .start({ ...spec, root: { ...spec.root, layers: [layer, engine.layer] } })
      .then(running => running.ended)
      .catch((error: unknown) => error)
    expect(outcome).toBeDefined()
    expect(readdirSync(marker)).toEqual(['victim'])
    expect(readFileSync(join(marker, 'victim'), 'utf8')).toBe('unharmed')
  })
})

describe('a start that fails', () => {
  it('must not run the payload nor leave a mount', async () => {
    const marker = join(engine.folder, 'ran')
    mkdirSync(marker)
    // Without those of the tests that run beside this one.
    const mounts = (): string[] =>
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter(line => line.includes(engine.folder) || !/\/(?:tscompose|tsce|tsc)-/.test(line))
    const before = mounts()
    const marked: RuntimeMount[] = [{ kind: 'bind', source: marker, target: '/marker' }]
    const broken = [
      { mounts: marked, process: { cwd: '/bin/busybox/x' } },
      { mounts: [...marked, { kind: 'bind', source: '/nowhere', target: '/x' } as const] },
      { mounts: marked, sysctls: { 'net.no.such.key': '1' } },
      { mounts: marked, process: { argv: ['/no/such/command'] } },
    ]
    for (const changes of broken)
      await expect(engine.run('touch /marker/x', changes)).rejects.toBeInstanceOf(Failure)
    expect(readdirSync(marker)).toEqual([])
    expect(mounts()).toEqual(before)
  })
})

function testNetwork(): Network {
  const id = randomBytes(32).toString('hex')
  return {
    id,
    name: 'isolation',
    driver: 'bridge',
    internal: true,
    subnets: [{ subnet: '10.99.0.0/24', gateway: '10.99.0.1' }],
    options: {},
  }
}

function endpointOf(network: Network) {
  return networkProgram({
    run: engine.folder,
    endpoints: [
      {
        id: randomBytes(32).toString('hex'),
        network,
        interfaceName: 'eth0',
        macAddress: '02:42:0a:63:00:02',
        addresses: ['10.99.0.2/24'],
      },
    ],
    published: [],
    guarded: true,
    relay: relayConfinement(process.arch === 'arm64' ? 'aarch64' : 'x86_64'),
    dns: false,
    upstreams: [],
    askInside: false,
  })
}
