import { describe, expect, it } from 'vitest'
import { readHead, renderHead } from './head.ts'

const read = (text: string) => readHead(Buffer.from(text, 'latin1'))

describe('the head of an answer', () => {
  it('has a status and fields by lower-case name, several of one name as one', () => {
    const text = 'HTTP/1.1 201 Created\r\nA: 1\r\nContent-Type:  text/plain \r\na: 2\r\n\r\nbody'
    expect(read(text)).toEqual({
      head: { status: 201, headers: { a: '1, 2', 'content-type': 'text/plain' }, keepsAlive: true },
      length: text.length - 4,
    })
  })

  it('is waited for until it is whole', () => {
    const text = 'HTTP/1.1 204 No Content\r\nA: 1\r\n\r\n'
    for (let length = 0; length < text.length; length += 1)
      expect(read(text.slice(0, length))).toBeUndefined()
    expect(read(text)?.head.status).toBe(204)
  })

  it.each([
    ['HTTP/1.1 200 OK', true],
    ['HTTP/1.1 200 OK\r\nConnection: close', false],
    ['HTTP/1.0 200 OK', false],
    ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive', true],
    ['HTTP/1.1 200', true],
  ])('%j: the connection stays: %s', (text, keepsAlive) => {
    expect(read(`${text}\r\n\r\n`)?.head.keepsAlive).toBe(keepsAlive)
  })

  it.each([
    'SSH-2.0-x',
    'HTTP/2 200 OK',
    'HTTP/1.1 2000',
    'HTTP/1.1 200 OK\r\nno colon',
    'HTTP/1.1 200 OK\r\n: x',
  ])('%j is refused', text => {
    expect(() => read(`${text}\r\n\r\n`)).toThrow(expect.objectContaining({ code: 'ENGINE_PROTOCOL' }))
  })

  it('without an end is refused before it fills the memory', () => {
    expect(() => read('x'.repeat(17_000))).toThrow(expect.objectContaining({ code: 'ENGINE_PROTOCOL' }))
  })
})

describe('the head of a request', () => {
  it('is written as it travels', () => {
    expect(renderHead('GET', '/a?b=c', { Host: 'x', 'Content-Length': 0 })).toBe(
      'GET /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
    )
  })

  it.each([
    ['/a\r\nX: y', {}],
    ['/a b', {}],
    ['/a', { Host: 'x\r\nX: y' }],
    ['/a', { 'X\n': 'y' }],
  ])('cannot be given more lines by way of %j %j', (path, headers) => {
    expect(() => renderHead('GET', path, headers as Record<string, string>)).toThrow(
      expect.objectContaining({ code: 'ENGINE_PROTOCOL' }),
    )
  })
})
