import { expect, test } from 'vitest'
import { checkLogging } from './log.ts'
import { mergeConfig } from './merge-config.ts'
import { mergeByDestination, readMountRequests } from './mounts.ts'
import { checkNamespaceModes } from './namespaces.ts'
import { parseNetworkMode } from './network-mode.ts'
import { Problems } from './problems.ts'
import { parseSecurityOptions } from './security.ts'
import { validateConfig } from './validate.ts'
import { unsupportedWarnings } from './without-effect.ts'

const image = {
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  Env: ['PATH=/bin', 'A=image', 'B=image'],
  Labels: { a: 'image', b: 'image' },
  User: 'www',
  Healthcheck: { Test: ['CMD', 'probe'], Interval: 1e9, Retries: 7 },
}

test('the image completes what the caller left out', () => {
  const { config, argv } = mergeConfig(
    { Env: ['A=own', 'B'], Labels: { a: 'own' }, Healthcheck: { Interval: 2e9 } },
    image,
  )
  expect(argv).toEqual(['/entry', 'serve'])
  expect(config.Env).toEqual(['A=own', 'B', 'PATH=/bin'])
  expect(config.Labels).toEqual({ a: 'own', b: 'image' })
  expect(config.User).toBe('www')
  expect(config.Healthcheck).toMatchObject({ Test: ['CMD', 'probe'], Interval: 2e9, Retries: 7 })
})

test.each([
  ['a command replaces the image’s', { Cmd: ['x'] }, ['/entry', 'x']],
  ['an entrypoint drops the image’s command', { Entrypoint: ['/own'] }, ['/own']],
  ['an entrypoint of one empty string resets it', { Entrypoint: [''], Cmd: ['x'] }, ['x']],
  ['an empty entrypoint keeps the image’s command', { Entrypoint: [] }, ['serve']],
])('%s', (_, wanted, argv) => {
  expect(mergeConfig(wanted, image).argv).toEqual(argv)
})

test('nothing to run is refused', () => {
  expect(() => mergeConfig({}, {})).toThrow(expect.objectContaining({ code: 'COMMAND_MISSING' }))
})

test('mounts of every form', () => {
  const requests = readMountRequests(
    { Volumes: { '/anon': {}, '/data': {} } },
    {
      Binds: ['/host/a:/a:ro,rslave', 'vol:/data:nocopy'],
      Mounts: [
        { Type: 'bind', Source: '/b', Target: '/b' },
        { Type: 'volume', Source: 'v2', Target: '/v2/', VolumeOptions: { Subpath: 'x/y' } },
        { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 5, Mode: 0o700 } },
      ],
      Tmpfs: { '/run': 'size=64m,mode=755,exec' },
    },
  )
  expect(requests.map(({ type, source, destination }) => [type, source, destination])).toEqual([
    ['bind', '/host/a', '/a'],
    ['volume', 'vol', '/data'],
    ['bind', '/b', '/b'],
    ['volume', 'v2', '/v2'],
    ['tmpfs', '', '/t'],
    ['tmpfs', '', '/run'],
    ['volume', '', '/anon'],
  ])
  expect(requests[0]).toMatchObject({ readonly: true, propagation: 'rslave', createSource: true })
  expect(requests[2]).toMatchObject({ createSource: false })
  expect(requests[5]?.tmpfs).toEqual({ size: 64 << 20, mode: 0o755, options: ['exec'] })
})

test.each([
  [{ Binds: ['/a:b'] }],
  [{ Binds: ['/a:/b:ro:x'] }],
  [{ Binds: ['/a:/'] }],
  [{ Mounts: [{ Type: 'bind' as const, Source: 'relative', Target: '/x' }] }],
  [{ Mounts: [{ Type: 'volume' as const, Source: 'v2', Target: '/x', VolumeOptions: { Subpath: '../y' } }] }],
  [{ Mounts: [{ Type: 'npipe' as const, Target: '/x' }] }],
])('mounts %j are refused', host => {
  expect(() => readMountRequests({}, host)).toThrow(expect.objectContaining({ code: 'MOUNT_INVALID' }))
})

test('two mounts on one target are refused, one from elsewhere gives way', () => {
  const mount = { type: 'tmpfs' as const, source: '', destination: '/x', readonly: false, mode: '' }
  expect(() => mergeByDestination([mount, mount])).toThrow(
    expect.objectContaining({ code: 'MOUNT_DUPLICATE' }),
  )
  expect(mergeByDestination([{ ...mount, weak: true, mode: 'weak' }, mount])).toEqual([mount])
})

test('security options', () => {
  expect(
    parseSecurityOptions({
      SecurityOpt: [
        'no-new-privileges',
        'seccomp=unconfined',
        'apparmor:mine',
        'systempaths=unconfined',
        'label=x',
      ],
    }),
  ).toMatchObject({
    noNewPrivileges: true,
    seccomp: { kind: 'unconfined' },
    apparmor: 'mine',
    maskedPaths: [],
    readonlyPaths: [],
  })
  for (const option of ['nonsense', 'seccomp=/path', 'no-new-privileges:maybe', 'apparmor=']) {
    expect(() => parseSecurityOptions({ SecurityOpt: [option] })).toThrow(
      expect.objectContaining({ code: 'SECURITY_OPTION_INVALID' }),
    )
  }
})

test('all that is wrong with a request is said at once', () => {
  const problems = new Problems()
  validateConfig(
    { Hostname: 'a b', WorkingDir: 'x', StopSignal: 'NOPE', Env: ['=x'] },
    {
      Memory: 1,
      Ulimits: [{ Name: 'nofile', Soft: 2, Hard: 1 }],
      RestartPolicy: { Name: 'always', MaximumRetryCount: 3 },
      LogConfig: { Type: 'syslog' },
      CapAdd: ['NOT_A_CAP'],
    },
    ['x'],
    problems,
  )
  let codes: string[] = []
  try {
    problems.throwIfAny()
  } catch (error) {
    codes = Object(error).diagnostics.map((each: { code: string }) => each.code)
  }
  expect(codes.sort()).toEqual([
    'CAPABILITY_UNKNOWN',
    'ENV_INVALID',
    'HOSTNAME_INVALID',
    'LOG_DRIVER',
    'MEMORY_INVALID',
    'RESTART_INVALID',
    'SIGNAL_INVALID',
    'ULIMIT_INVALID',
    'WORKING_DIR_INVALID',
  ])
})

test('a container in the network of another cannot have names of its own', () => {
  const problems = new Problems()
  const host = { NetworkMode: 'container:x', Dns: ['1.1.1.1'], ExtraHosts: ['a:1.2.3.4'], Links: ['y'] }
  validateConfig({ Hostname: 'own' }, host, ['true'], problems)
  expect(() => problems.throwIfAny()).toThrow(expect.objectContaining({ code: 'NETWORK_MODE' }))
  const none = new Problems()
  validateConfig({ Domainname: 'd' }, { NetworkMode: 'container:x', Dns: [] }, ['true'], none)
  expect(() => none.throwIfAny()).not.toThrow()
})

test('what has no effect is named', () => {
  expect(
    unsupportedWarnings({}, { CgroupParent: '/x', Runtime: 'kata', CpuCount: 0, StorageOpt: {} }),
  ).toHaveLength(2)
  expect(unsupportedWarnings({}, { Memory: 1 })).toEqual([])
})

test.each([
  [undefined, { kind: 'network', network: 'bridge' }],
  ['default', { kind: 'network', network: 'bridge' }],
  ['host', { kind: 'host' }],
  ['container:x', { kind: 'container', reference: 'x' }],
  ['lamp_back', { kind: 'network', network: 'lamp_back' }],
])('network mode %s', (text, mode) => {
  expect(parseNetworkMode(text)).toEqual(mode)
})

test.each([
  ['PidMode', ['', 'host', 'container:a'], ['private', 'container:', 'x']],
  ['IpcMode', ['', 'none', 'private', 'shareable', 'host', 'container:a'], ['container', 'x']],
  ['UTSMode', ['', 'host'], ['private', 'container:a']],
  ['UsernsMode', ['', 'host'], ['keep-id', 'x']],
  ['CgroupnsMode', ['', 'private', 'host'], ['container:a', 'x']],
])('%s is one of its words', (field, known, unknown) => {
  const check = (mode: string) => (): void => {
    const problems = new Problems()
    checkNamespaceModes({}, { [field]: mode }, problems)
    problems.throwIfAny()
  }
  for (const mode of known) expect(check(mode)).not.toThrow()
  const refusal = { code: 'NAMESPACE_MODE', path: `HostConfig.${field}` }
  for (const mode of unknown)
    expect(check(mode)).toThrow(expect.objectContaining({ diagnostics: [expect.objectContaining(refusal)] }))
})

test("links cannot be had in the host's network", () => {
  const problems = new Problems()
  checkNamespaceModes({}, { NetworkMode: 'host', Links: ['a:b'] }, problems)
  const refusal = { code: 'NETWORK_MODE', path: 'HostConfig.Links' }
  expect(() => problems.throwIfAny()).toThrow(
    expect.objectContaining({ diagnostics: [expect.objectContaining(refusal)] }),
  )
})

test("a container with the host's UTS namespace has no names of its own", () => {
  const problems = new Problems()
  checkNamespaceModes({ Hostname: 'box', Domainname: 'test' }, { UTSMode: 'host' }, problems)
  expect(() => problems.throwIfAny()).toThrow(
    expect.objectContaining({
      diagnostics: ['Hostname', 'Domainname'].map(path =>
        expect.objectContaining({ code: 'HOSTNAME_INVALID', path }),
      ),
    }),
  )
})

test('log options that the driver has not, or that mean nothing, are refused', () => {
  const refused = (Type: string, Config: Record<string, string>): boolean => {
    const problems = new Problems()
    checkLogging({ LogConfig: { Type, Config } }, problems)
    try {
      problems.throwIfAny()
    } catch (error) {
      expect(error).toMatchObject({ code: 'LOG_OPTION', diagnostics: [{ path: 'HostConfig.LogConfig' }] })
      return true
    }
    return false
  }
  for (const [option, value] of [
    ['max-sise', '1m'],
    ['compress', 'maybe'],
    ['mode', 'bogus'],
    ['max-buffer-size', '1m'],
    ['max-file', '0'],
  ] as const)
    for (const driver of ['', 'json-file', 'local'])
      expect([option, refused(driver, { [option]: value })]).toEqual([option, true])
  expect(refused('local', { labels: 'a' })).toBe(true)
  const all = { labels: 'a', tag: 'x', mode: 'non-blocking', 'max-buffer-size': '1m', compress: 'false' }
  expect(refused('json-file', all)).toBe(false)
  expect(refused('none', { foo: 'a' })).toBe(false)
})
