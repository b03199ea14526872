import { describe, expect, test } from 'vitest'
import { answerFor } from './answers.ts'
import { requestOf } from './requests.ts'
import { splitVersion } from './version.ts'

describe('splitVersion', () => {
  test.each([
    ['/info', '1.51', '/info'],
    ['/v1.24/info', '1.24', '/info'],
    ['/v1.41/containers/v1.2/json', '1.41', '/containers/v1.2/json'],
  ])('%s is %s of %s', (path, version, rest) => {
    expect(splitVersion(path)).toEqual({ version, rest })
  })

  test.each([
    ['/v1.23/info', 'API_VERSION_TOO_OLD'],
    ['/v0.9/info', 'API_VERSION_TOO_OLD'],
    ['/v1.52/info', 'API_VERSION_UNSUPPORTED'],
    ['/v2.0/info', 'API_VERSION_UNSUPPORTED'],
  ])('%s is refused', (path, code) => {
    expect(() => splitVersion(path)).toThrow(expect.objectContaining({ code }))
  })
})

describe('answerFor', () => {
  const info = {
    SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
    RegistryConfig: { Mirrors: null },
    Runtimes: { runc: { path: 'runc', status: { features: '{}' } } },
    ContainerdCommit: { ID: 'a' },
    RuncCommit: { ID: 'b' },
    InitCommit: { ID: 'c' },
    FirewallBackend: { Driver: 'nftables' },
    Containerd: { Address: 'x' },
  }
  test.each([
    ['1.51', info],
    ['1.49', { ...info, BridgeNfIptables: false, BridgeNfIp6tables: false }],
    ['1.48', { RuncCommit: { ID: 'b', Expected: 'b' } }],
    ['1.46', { RegistryConfig: { AllowNondistributableArtifactsCIDRs: null, Mirrors: null } }],
    ['1.43', { Runtimes: { runc: { path: 'runc' } } }],
    ['1.41', { KernelMemory: false }],
    ['1.24', { SecurityOptions: ['seccomp', 'cgroupns'], KernelMemory: false }],
  ])('info in %s', (version, wanted) => {
    expect(answerFor(version, 'info', info)).toMatchObject(wanted)
  })

  test('what a version has not is not there', () => {
    expect(answerFor('1.51', 'info', info)).toEqual(info)
    expect(answerFor('1.48', 'info', info)).not.toHaveProperty('FirewallBackend')
    expect(answerFor('1.45', 'info', info)).not.toHaveProperty('Containerd')
    expect(answerFor('1.42', 'info', info)).not.toHaveProperty('KernelMemory')
  })

  test('an image without a name has none, or one that says so', () => {
    const images = [{ RepoTags: [], RepoDigests: [], Size: 5, Containers: 0 }]
    expect(answerFor('1.51', 'imageList', images)).toEqual(images)
    expect(answerFor('1.50', 'imageList', images)).toMatchObject([{ Containers: -1 }])
    expect(answerFor('1.43', 'imageList', images)).toMatchObject([{ RepoTags: [], VirtualSize: 5 }])
    expect(answerFor('1.42', 'imageList', images)).toMatchObject([
      { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] },
    ])
  })

  test('the configuration of an image is that of a container', () => {
    const image = { Config: { Cmd: ['sh'], Env: ['A=1'] }, Size: 7 }
    expect(answerFor('1.50', 'imageInspect', image)).toEqual(image)
    expect(answerFor('1.49', 'imageInspect', image)).toMatchObject({
      Config: { Hostname: '', Tty: false, Cmd: ['sh'], Env: ['A=1'] },
    })
    expect(answerFor('1.44', 'imageInspect', image)).toMatchObject({
      ContainerConfig: { Cmd: null, Image: '' },
    })
    expect(answerFor('1.43', 'imageInspect', image)).toMatchObject({ VirtualSize: 7 })
  })

  test('the short id is an alias where names resolve', () => {
    const Id = 'abcdef0123456789'
    const Networks = { front: { Aliases: ['web'] }, bridge: { Aliases: null } }
    const container = { Id, NetworkSettings: { Networks } }
    expect(answerFor('1.45', 'containerInspect', container)).toEqual(container)
    expect(answerFor('1.44', 'containerInspect', container)).toMatchObject({
      NetworkSettings: {
        Networks: { front: { Aliases: ['web', 'abcdef012345'] }, bridge: { Aliases: null } },
      },
    })
  })

  test('a stream names one content type before 1.42', () => {
    expect(answerFor('1.41', 'execStart', { tty: false })).toMatchObject({ untyped: true })
    expect(answerFor('1.42', 'execStart', { tty: false })).not.toHaveProperty('untyped')
    expect(answerFor('1.41', 'execStart', undefined)).toBeUndefined()
  })
})

describe('requestOf', () => {
  const create = (version: string, body: object): unknown =>
    requestOf(version, 'containerCreate', { query: {}, body }).body
  const bind = { Type: 'bind', BindOptions: { NonRecursive: true, CreateMountpoint: true } }

  test('fields that a version does not know are not looked at', () => {
    const body = { HostConfig: { IpcMode: 'private', Annotations: { a: 'b' }, Mounts: [bind] } }
    expect(create('1.51', body)).toEqual(body)
    expect(create('1.42', body)).toEqual({ HostConfig: { IpcMode: 'private', Mounts: [bind] } })
    expect(create('1.41', body)).toMatchObject({
      HostConfig: { Mounts: [{ Type: 'bind', BindOptions: { NonRecursive: true } }] },
    })
    expect(create('1.39', body)).toEqual({
      HostConfig: { IpcMode: 'private', Mounts: [{ Type: 'bind', BindOptions: {} }] },
    })
  })

  test.each([
    ['1.47', { HostConfig: { Mounts: [{ Type: 'image' }] } }, 'Mount type "Image" needs API v1.48 or newer'],
    [
      '1.44',
      { HostConfig: { Mounts: [{ VolumeOptions: { Subpath: 'a' } }] } },
      'VolumeOptions.Subpath needs API v1.45 or newer',
    ],
    [
      '1.43',
      { NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } },
      'Container cannot be created with multiple network endpoints: a, b',
    ],
  ])('in %s what would make another container is refused', (version, body, message) => {
    expect(() => create(version, body)).toThrow(message)
    expect(create('1.51', body)).toEqual(body)
  })

  test('an old client gets IPC that others can join', () => {
    expect(create('1.39', {})).toEqual({ HostConfig: { IpcMode: 'shareable' } })
    expect(create('1.40', {})).toEqual({})
  })

  test('a prune of volumes takes those with names, too', () => {
    const query = { filters: { label: ['a'] } }
    const asked = (version: string): unknown =>
      requestOf(version, 'volumePrune', { query, body: undefined }).query
    expect(asked('1.42')).toEqual(query)
    expect(asked('1.41')).toEqual({ filters: { label: ['a'], all: ['true'] } })
  })

  test('rows of networks say who is there before 1.28', () => {
    const { query } = requestOf('1.27', 'networkList', { query: {}, body: undefined })
    expect(query).toEqual({ containers: true })
  })
})
