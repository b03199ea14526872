import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { GitServer } from '../../../src/remote/testing/git-server.ts'
import { packTar, plainEntry } from '../../../src/tar/index.ts'
import { BASE, type ImageLab, makeImageLab } from './image-lab.ts'

let lab: ImageLab
let server: Server
let git: GitServer
let origin: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
const asked: string[] = []

beforeAll(async () => {
  lab = await makeImageLab()
  git = await GitServer.start(join(lab.folder, 'served'))
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}`.trim())
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked.length = 0
})
afterAll(async () => {
  server.close()
  await git.close()
  await lab.remove()
})

const CHANGED = new Date('2020-02-03T04:05:06Z')
const sha256 = (content: string | Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`

function serve(content: string | Buffer, headers: Readonly<Record<string, string>> = {}): void {
  answer = (_, response) => {
    response.writeHead(200, { 'last-modified': CHANGED.toUTCString(), etag: '"1"', ...headers })
    response.end(content)
  }
}

test('a file from an address has its name and time, and is for its owner alone', async () => {
  serve('content')
  const text = `${BASE}ADD ${origin}/dir/a%20b.txt?x=1#y /in/\nADD --chmod=644 --chown=3:4 ${origin}/x /out`
  await lab.build(text, { tags: ['file'] })
  const names = ['/in/a b.txt', '/out']
  expect(await lab.run('file', 'stat', '-c', '%a %u:%g %Y', ...names)).toBe(
    `600 0:0 ${CHANGED.getTime() / 1000}\n644 3:4 ${CHANGED.getTime() / 1000}`,
  )
  expect(await lab.run('file', 'cat', ...names)).toBe('contentcontent')
  expect((await lab.build(text)).cached).toBe(true)
  serve('other')
  expect((await lab.build(text)).cached).toBe(false)
})

test('a name may come from the answer, and redirects are followed', async () => {
  answer = (request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/to/' }).end()
    else response.writeHead(200, { 'content-disposition': 'attachment; filename="../n.txt"' }).end('x')
  }
  await lab.build(`${BASE}ADD ${origin} /in/`, { tags: ['named'] })
  expect(await lab.run('named', 'stat', '-c', '%n %Y', '/in/n.txt')).toBe('/in/n.txt 0')
})

test('an archive is unpacked only when that is asked for', async () => {
  const entry = plainEntry({ type: 'file', name: 'd/f', size: 2 })
  async function* entries(): AsyncGenerator<{ entry: typeof entry; content: Buffer }> {
    yield { entry, content: Buffer.from('hi') }
  }
  serve(await buffer(packTar(entries())))
  await lab.build(`${BASE}ADD ${origin}/a.tar /kept\nADD --unpack ${origin}/a.tar /open/`, {
    tags: ['archive'],
  })
  expect(await lab.run('archive', 'cat', '/open/d/f')).toBe('hi')
  expect(await lab.run('archive', 'tar', '-tf', '/kept')).toBe('d/f')
})

test('--checksum holds, and what it refuses leaves nothing', async () => {
  serve('content')
  await lab.build(`${BASE}ADD --checksum=${sha256('content')} ${origin}/x /x`)
  await expect(lab.build(`${BASE}ADD --checksum=${sha256('other')} ${origin}/x /x`)).rejects.toMatchObject({
    code: 'CHECKSUM_MISMATCH',
  })
  for (const wrong of [`--checksum=md5:aa ${origin}/x`, `--checksum=${sha256('')} busybox`])
    await expect(lab.build(`${BASE}ADD ${wrong} /x`)).rejects.toMatchObject({ code: 'DOCKERFILE_CHECKSUM' })
})

test('a download that breaks off goes on where it broke', async () => {
  const content = Buffer.alloc(300_000, 'x')
  answer = (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const rest = content.subarray(from)
    response.writeHead(from === 0 ? 200 : 206, { etag: '"1"', 'content-length': String(rest.length) })
    if (rest.length <= 100_000) response.end(rest)
    else response.write(rest.subarray(0, 100_000), () => response.socket?.end())
  }
  await lab.build(`${BASE}ADD --checksum=${sha256(content)} ${origin}/big /big`)
  expect(asked.length).toBeGreaterThan(1)
  expect(asked.slice(1).every(each => /^\/big bytes=[1-9]\d*-$/.test(each))).toBe(true)
})

test('what the server refuses is told with its line', async () => {
  answer = (_, response) => response.writeHead(404).end()
  await expect(lab.build(`${BASE}ADD ${origin}/gone /x`)).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    diagnostics: [{ range: { start: { line: 4 } }, detail: expect.stringContaining('404') }],
  })
  expect(asked).toHaveLength(1)
})

test('a repository comes at its commit, a part of it, with or without its history', async () => {
  const first = git.commit({ 'a.txt': 'one', 'sub/b.txt': 'b', 'sub/l': '-> b.txt' })
  git.tag('v1')
  git.commit({ 'a.txt': 'two' })
  const text = `${BASE}ADD ${git.url} /main
ADD ${git.url}#v1 /tag/
ADD --keep-git-dir=true ${git.url}#${first} /commit
ADD --exclude=*.txt ${git.url}#main:sub /part`
  await lab.build(text, { tags: ['git'] })
  expect(await lab.run('git', 'cat', '/main/a.txt', '/tag/a.txt', '/commit/a.txt')).toBe('twooneone')
  expect(await lab.run('git', 'ls', '-A', '/main', '/commit', '/part')).toBe(
    '/commit:\n.git\na.txt\nsub\n\n/main:\na.txt\nsub\n\n/part:\nl',
  )
  expect((await lab.build(text)).cached).toBe(true)
  git.commit({ 'a.txt': 'three' })
  expect((await lab.build(text)).cached).toBe(false)
})

test('a repository, branch or folder that is not there is told', async () => {
  await expect(lab.build(`${BASE}ADD ${git.url}#none /x`)).rejects.toMatchObject({
    code: 'GIT_REF_NOT_FOUND',
  })
  await expect(lab.build(`${BASE}ADD ${git.url}x /x`)).rejects.toMatchObject({ code: 'GIT_FAILED' })
  await expect(lab.build(`${BASE}ADD ${git.url}#main:none /x`)).rejects.toMatchObject({ code: 'GIT_FAILED' })
  await expect(lab.build(`${BASE}ADD --checksum=${'0'.repeat(40)} ${git.url} /x`)).rejects.toMatchObject({
    code: 'CHECKSUM_MISMATCH',
  })
})
