import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { decodeBody } from './body.ts'
import { decodeQuery } from './query.ts'
import { CONTAINER_CREATE } from './shapes.ts'
import { decodeAuth, decodeCondition, decodeMoment, decodeTail, decodeTime } from './values.ts'

const refused = (code: string): unknown => expect.objectContaining({ code })

describe('query', () => {
  const shape = {
    all: 'flag',
    stream: 'flagOn',
    t: 'list',
    limit: 'number',
    filters: 'filters',
    name: 'text',
  } as const
  const decode = (text: string): Record<string, unknown> => decodeQuery(shape, new URLSearchParams(text))

  it('fills in what is absent', () => {
    expect(decode('')).toEqual({
      all: false,
      stream: true,
      t: [],
      limit: undefined,
      filters: {},
      name: undefined,
    })
  })

  it.each(['0', 'no', 'False', 'none', ''])('takes "%s" for false', text => {
    expect(decode(`all=${text}&stream=${text}`)).toMatchObject({ all: false, stream: false })
  })

  it.each(['1', 'true', 'yes', 'anything'])('takes "%s" for true', text => {
    expect(decode(`all=${text}`)).toMatchObject({ all: true })
  })

  it('reads filters in both forms', () => {
    const list = encodeURIComponent('{"label":["a=b","c"]}')
    const map = encodeURIComponent('{"label":{"a=b":true,"c":true,"d":false}}')
    expect(decode(`filters=${list}`)['filters']).toEqual({ label: ['a=b', 'c'] })
    expect(decode(`filters=${map}`)['filters']).toEqual({ label: ['a=b', 'c'] })
  })

  it('reads a filter with any name as one, so that lists can refuse it', () => {
    const filters = decode(`filters=${encodeURIComponent('{"__proto__":["a"],"constructor":{"b":true}}')}`)[
      'filters'
    ]
    expect(Object.entries(filters as object)).toEqual([
      ['__proto__', ['a']],
      ['constructor', ['b']],
    ])
  })

  it('keeps every value of a list', () => {
    expect(decode('t=a&t=b')['t']).toEqual(['a', 'b'])
  })

  it.each(['limit=many', 'filters=%7B', 'filters=3', 'filters=%7B%22a%22%3A1%7D'])('refuses %s', text => {
    expect(() => decode(text)).toThrow(refused('QUERY_INVALID'))
  })
})

describe('body', () => {
  const decode = (text: string): Promise<object> =>
    decodeBody(
      Readable.from([Buffer.from(text)]),
      'application/json; charset=utf-8',
      60_000,
      CONTAINER_CREATE,
    )

  it('takes null for absent, and keeps it where it says something', async () => {
    const body = {
      Env: null,
      HostConfig: { Binds: null, PortBindings: { '80/tcp': null } },
      NetworkingConfig: { EndpointsConfig: { front: null, back: { Aliases: null } } },
      Volumes: { '/data': null },
    }
    expect(await decode(JSON.stringify(body))).toEqual({
      HostConfig: { PortBindings: { '80/tcp': [] } },
      NetworkingConfig: { EndpointsConfig: { front: {}, back: {} } },
      Volumes: { '/data': {} },
    })
  })

  it('takes null as it is meant whatever the case of the names', async () => {
    expect(await decode('{"hostconfig":{"portbindings":{"80/tcp":null}},"VOLUMES":{"/data":null}}')).toEqual({
      HostConfig: { PortBindings: { '80/tcp': [] } },
      Volumes: { '/data': {} },
    })
  })

  it('takes the names of objects for keys like others', async () => {
    const body =
      '{"__proto__":{"Image":"x"},"Labels":{"__proto__":"a","constructor":"b"},"constructor":{"a":null}}'
    const decoded = await decode(body)
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
    expect(decoded).not.toHaveProperty('Image')
    expect(JSON.stringify(decoded)).toBe(body.replace('{"a":null}', '{}'))
  })

  it('takes what is said to be JSON alone, and nothing whatever it is said to be', async () => {
    const typed = (text: string, type?: string): Promise<object> =>
      decodeBody(Readable.from([Buffer.from(text)]), type, 60_000, {})
    expect(await typed('{"a":1}', 'Application/JSON;charset=utf-8')).toEqual({ a: 1 })
    expect(await typed('', 'text/plain')).toEqual({})
    for (const type of [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])
      await expect(typed('{}', type)).rejects.toThrow(refused('REQUEST_INVALID'))
  })

  it('takes nothing for an empty object', async () => {
    expect(await decode('')).toEqual({})
  })

  it.each(['[]', '3', '{"a":'])('refuses %s', async text => {
    await expect(decode(text)).rejects.toThrow(refused('BODY_INVALID'))
  })

  it('stops reading a body that is too large', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024)
      })(),
    )
    await expect(decodeBody(endless, 'application/json', 60_000, {})).rejects.toThrow(
      refused('BODY_TOO_LARGE'),
    )
  })
})

describe('values', () => {
  it('reads times in both forms', () => {
    expect(decodeTime('since', '1700000000.5')).toBe(1_700_000_000_500_000_000n)
    expect(decodeTime('since', '1700000000.123456789')).toBe(1_700_000_000_123_456_789n)
    expect(decodeTime('since', '1.7e9')).toBe(1_700_000_000_000_000_000n)
    expect(decodeTime('since', '2023-11-14T22:13:20.000000001Z')).toBe(1_700_000_000_000_000_001n)
    expect(decodeTime('since', '0')).toBeUndefined()
    expect(decodeTime('since', '0.000000000')).toBeUndefined()
    expect(decodeMoment('since', '0')).toBe(0n)
    expect(decodeMoment('since', undefined)).toBeUndefined()
    expect(() => decodeTime('since', 'yesterday')).toThrow(refused('REQUEST_INVALID'))
  })

  it('reads tails', () => {
    expect(['all', undefined, '-1', 'few', '0', '20'].map(decodeTail)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      0,
      20,
    ])
  })

  it('refuses a condition that is none', () => {
    expect(decodeCondition(undefined)).toBe('not-running')
    expect(() => decodeCondition('asleep')).toThrow(refused('REQUEST_INVALID'))
  })

  it('reads credentials, and does not repeat bad ones', () => {
    const header = Buffer.from('{"username":"u","password":"p"}').toString('base64url')
    expect(decodeAuth(header)).toEqual({ username: 'u', password: 'p' })
    const loud = Buffer.from('{"Username":"u","PASSWORD":"p"}').toString('base64url')
    expect(decodeAuth(loud)).toEqual({ username: 'u', password: 'p' })
    expect(decodeAuth(undefined)).toBeUndefined()
    expect(decodeAuth(Buffer.from('{}').toString('base64'))).toBeUndefined()
    expect(() => decodeAuth('c2VjcmV0')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })
})
