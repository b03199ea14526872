import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { encodeHeader, endOfArchive, type PackedEntry, packTar, plainEntry } from '../../tar/index.ts'
import { type Lab, makeLab } from '../testing/fakes.ts'
import type { BuildOptions } from './options.ts'

let lab: Lab
beforeEach(async () => {
  lab = await makeLab()
})
afterEach(() => lab.remove())

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Failure)) throw new Error(`want a Failure, got ${String(error)}`)
  return error
}

const cachedSteps = (): number[] => lab.events.flatMap(event => (event.type === 'cached' ? [event.step] : []))

test('an image has the files, the config and the history of its Dockerfile', async () => {
  const { imageId, cached } = await lab.build(
    `FROM scratch
ENV A=1 B="two words"
COPY app /srv/app
RUN write /made by $A
LABEL x=$A
WORKDIR /srv
USER 33:33
EXPOSE 80/ 9000-9001/udp
VOLUME /data
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=1m30s --retries=4 CMD probe
ENTRYPOINT ["/entry"]
CMD ["serve"]`,
    { files: { 'app/index': 'hello' }, tags: ['app:1'] },
  )
  const record = await lab.store.inspect('app:1')
  expect(cached).toBe(false)
  expect(record.id).toBe(imageId)
  expect(record.config).toMatchObject({
    Env: [expect.stringMatching(/^PATH=/), 'A=1', 'B=two words'],
    Labels: { x: '1' },
    WorkingDir: '/srv',
    User: '33:33',
    ExposedPorts: { '80/tcp': {}, '9000/udp': {}, '9001/udp': {} },
    Volumes: { '/data': {} },
    StopSignal: 'SIGQUIT',
    Healthcheck: { Test: ['CMD-SHELL', 'probe'], Interval: 90e9, Retries: 4 },
    Entrypoint: ['/entry'],
    Cmd: ['serve'],
  })
  expect(await lab.read('app:1', 'srv/app/index')).toBe('hello')
  // RUN leaves variables to its shell.
  expect(await lab.read('app:1', 'made')).toBe('by $A')
  expect(record.diffIds).toHaveLength(2)
  expect(record.history.filter(entry => !entry.empty_layer).map(entry => entry.created_by)).toEqual([
    'COPY app /srv/app # buildkit',
    'RUN /bin/sh -c write /made by $A # buildkit',
  ])
})

test('the history has words and checks as Docker writes them', async () => {
  await lab.build(
    `FROM scratch
HEALTHCHECK --retries=39 --interval=1500ms CMD ["a\\tb\\u0007\\u0001é\\u00a0<&>"]
HEALTHCHECK --retries=10 --start-interval=90m --timeout=3us1ms CMD a "b"
HEALTHCHECK NONE
CMD ["a\\u0007\\u2028"]`,
    { tags: ['told:1'] },
  )
  const { history } = await lab.store.inspect('told:1')
  expect(history.map(entry => entry.created_by)).toEqual([
    String.raw`HEALTHCHECK &{["CMD" "a\tb\a\x01é\u00a0<&>"] "1.5s" "0s" "0s" "0s" '\''}`,
    String.raw`HEALTHCHECK &{["CMD-SHELL" "a \"b\""] "0s" "1.003ms" "0s" "1h30m0s" '\n'}`,
    String.raw`HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" '\x00'}`,
    String.raw`CMD ["a\a\u2028"]`,
  ])
})

test('a target is a stage by its name: a number is none, as with Docker', async () => {
  const text = 'FROM scratch AS One\nLABEL a=1\nFROM scratch\nLABEL a=2'
  await lab.build(text, { target: 'oNE', tags: ['target:1'] })
  expect((await lab.store.inspect('target:1')).config.Labels).toEqual({ a: '1' })
  const failure = await failureOf(lab.build(text, { target: '0' }))
  expect(failure.diagnostics[0]?.code).toBe('BUILD_TARGET')
})

test.each(['0', '-1', '999', 'TEA'])('STOPSIGNAL %s is refused', async signal => {
  const failure = await failureOf(lab.build(`FROM scratch\nSTOPSIGNAL ${signal}`))
  expect(failure.diagnostics[0]?.code).toBe('DOCKERFILE_STOPSIGNAL')
})

test('a second build does nothing and gives the same image', async () => {
  const text = 'FROM scratch\nRUN write /a 1\nCOPY f /\nLABEL a=b'
  const first = await lab.build(text, { files: { f: 'x' } })
  const second = await lab.build(text, { files: { f: 'x' } })
  expect(second).toMatchObject({ imageId: first.imageId, cached: true })
  expect(cachedSteps()).toEqual([2, 3])
  expect(lab.runner.requests).toHaveLength(1)
})

test('a changed file runs its COPY and what follows, not what stands before', async () => {
  const text = 'FROM scratch\nRUN write /a 1\nCOPY f /\nRUN write /b 2'
  await lab.build(text, { files: { f: 'x', other: '1' } })
  await lab.build(text, { files: { f: 'y', other: '1' } })
  expect(cachedSteps()).toEqual([2])
  await lab.build(text, { files: { f: 'y', other: '2' } })
  expect(cachedSteps()).toEqual([2, 3, 4])
})

test('a file back at its old content hits the cache again', async () => {
  const text = 'FROM scratch\nCOPY f /'
  const first = await lab.build(text, { files: { f: 'x' } })
  await lab.build(text, { files: { f: 'y' } })
  expect(await lab.build(text, { files: { f: 'x' } })).toMatchObject({ imageId: first.imageId, cached: true })
})

test('an argument is part of the key once it is declared, a proxy never', async () => {
  const text = 'FROM scratch\nRUN write /a 1\nARG V\nRUN write /b 2'
  await lab.build(text, { args: { V: '1', http_proxy: 'http://a' } })
  await lab.build(text, { args: { V: '2', http_proxy: 'http://b' } })
  expect(cachedSteps()).toEqual([2])
  expect(lab.runner.requests.at(-1)?.env).toEqual(expect.arrayContaining(['V=2', 'http_proxy=http://b']))
  expect(lab.runner.requests.at(0)?.env).not.toContain('V=1')
})

test('a command that is written twice runs twice, though it changes nothing, and is cached twice', async () => {
  const dockerfile =
    'FROM scratch AS a\nRUN say hi\nRUN say hi\nRUN write /f 1\nRUN say hi\nFROM a\nRUN say hi\n'
  const ran = async (noCache: boolean): Promise<number> => {
    const before = lab.runner.requests.length
    await lab.build(dockerfile, { noCache })
    return lab.runner.requests.length - before
  }
  expect(await ran(false)).toBe(5)
  expect(await ran(false)).toBe(0)
  expect(await ran(true)).toBe(5)
})

test('no_cache runs everything', async () => {
  const text = 'FROM scratch\nRUN write /a 1'
  await lab.build(text)
  expect((await lab.build(text, { noCache: true })).cached).toBe(false)
  expect(lab.runner.requests).toHaveLength(2)
})

test('two builds at once make a common step once', async () => {
  const text = 'FROM scratch\nRUN write /a 1'
  const built = await Promise.all([lab.build(text), lab.build(`${text}\nLABEL a=b`)])
  expect(lab.runner.requests).toHaveLength(1)
  const layers = await Promise.all(built.map(({ imageId }) => lab.store.layersOf(imageId)))
  expect(layers[0]).toEqual(layers[1])
})

test('only the stages that the target needs are built, and a stage copies from another', async () => {
  const text = `FROM scratch AS base
RUN write /out/result made
FROM scratch AS unneeded
RUN fail 1
FROM scratch AS final
COPY --from=base /out/result /app/
FROM final
RUN fail 1`
  const { imageId } = await lab.build(text, { target: 'final' })
  expect(await lab.read(imageId, 'app/result')).toBe('made')
  expect(lab.trees.requests.at(-1)?.owner).toBeUndefined()
})

test('twenty commands that listen to one signal are no leak that Node warns of', async () => {
  const warnings: string[] = []
  const note = (warning: Error): void => void warnings.push(warning.name)
  process.on('warning', note)
  const listening = vi.spyOn(lab.runner, 'run').mockImplementation(async ({ signal }) => {
    signal?.addEventListener('abort', () => undefined)
    return { exitCode: 0 }
  })
  const names = Array.from({ length: 20 }, (_value, at) => `s${at}`)
  const stages = names.map(name => `FROM scratch AS ${name}\nRUN write /${name} x\n`)
  const copies = names.map(name => `RUN --mount=from=${name},target=/m a ${name}\n`)
  await lab.build(`${stages.join('')}FROM scratch\n${copies.join('')}`)
  await new Promise(setImmediate)
  process.off('warning', note)
  expect(listening).toHaveBeenCalledTimes(40)
  expect(warnings).toEqual([])
})

test('stages that do not need each other run side by side, and one waits for what it takes of another', async () => {
  const text = `FROM scratch AS a
RUN write /a 1
FROM scratch AS b
RUN write /b 2
FROM scratch
COPY --from=a /a /
COPY --from=b /b /`
  let meet: () => void = () => undefined
  const both = new Promise<void>(resolve => {
    meet = resolve
  })
  const runner: BuildOptions['runner'] = {
    run: async request => {
      if (lab.runner.requests.length === 1) meet()
      const done = await lab.runner.run(request)
      await both
      return done
    },
  }
  const { imageId } = await lab.build(text, { runner })
  expect([await lab.read(imageId, 'a'), await lab.read(imageId, 'b')]).toEqual(['1', '2'])
  const steps = lab.events.flatMap(event => (event.type === 'step' ? [event.step] : []))
  expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('a stage that fails ends those beside it, and its words come last', async () => {
  const text = `FROM scratch AS a
RUN say slow
FROM scratch AS b
RUN <<END
say broken
fail 3
END
FROM scratch
COPY --from=a / /a
COPY --from=b / /b`
  const runner: BuildOptions['runner'] = {
    run: async request => {
      const done = await lab.runner.run(request)
      if (done.exitCode === 0)
        await new Promise(resolve => request.signal?.addEventListener('abort', resolve, { once: true }))
      return done
    },
  }
  const error = await failureOf(lab.build(text, { runner }))
  expect(error.code).toBe('BUILD_STEP_FAILED')
  expect(lab.events.at(-1)).toMatchObject({ type: 'output', text: 'broken\n' })
})

test('a target that is not there is refused with the names that are', async () => {
  const error = await failureOf(lab.build('FROM scratch AS a\nFROM scratch AS b', { target: 'c' }))
  expect(error.diagnostics[0]).toMatchObject({ code: 'BUILD_TARGET', hint: expect.stringContaining('a, b') })
})

test('every --from that names a later stage or its own is told at once', async () => {
  const error = await failureOf(
    lab.build('FROM scratch AS a\nCOPY --from=b x /\nRUN --mount=from=a,target=/x y\nFROM scratch AS b'),
  )
  expect(error.diagnostics.map(({ code, range }) => [code, range?.start.line])).toEqual([
    ['DOCKERFILE_STAGE_ORDER', 2],
    ['DOCKERFILE_STAGE_ORDER', 3],
  ])
})

test('a number that no stage has is no name of an image', async () => {
  const error = await failureOf(lab.build('FROM scratch\nCOPY --from=5 / /\nRUN --mount=from=6,target=/x y'))
  expect(error.diagnostics.map(({ code, range }) => [code, range?.start.line])).toEqual([
    ['DOCKERFILE_STAGE_INDEX', 2],
    ['DOCKERFILE_STAGE_INDEX', 3],
  ])
})

test('a build takes an image by its name or its whole id, never by a short one', async () => {
  const { imageId } = await lab.build('FROM scratch\nRUN write /a 1', { tags: ['base'] })
  const short = imageId.slice('sha256:'.length, -1)
  expect((await lab.store.resolve(short))?.id).toBe(imageId)
  for (const text of [`FROM ${short}`, `FROM scratch\nCOPY --from=${short} / /`])
    expect((await failureOf(lab.build(text))).code).toBe('IMAGE_NOT_FOUND')
  await lab.build(`FROM ${imageId}\nCOPY --from=${imageId} / /b/`)
})

test('ARG before FROM names the image, and a build argument wins', async () => {
  await lab.build('FROM scratch\nRUN write /a 1', { tags: ['base:2'] })
  const { imageId } = await lab.build('ARG V=1\nFROM base:${V}\nARG V\nLABEL v=$V', { args: { V: '2' } })
  expect((await lab.store.inspect(imageId)).config.Labels).toEqual({ v: '2' })
})

test('ENTRYPOINT drops the CMD of the base, not the one of its own stage', async () => {
  await lab.build('FROM scratch\nCMD ["old"]', { tags: ['base'] })
  const inherited = await lab.build('FROM base\nENTRYPOINT ["e"]')
  const own = await lab.build('FROM base\nCMD ["new"]\nENTRYPOINT ["e"]')
  expect((await lab.store.inspect(inherited.imageId)).config.Cmd).toBeNull()
  expect((await lab.store.inspect(own.imageId)).config.Cmd).toEqual(['new'])
})

test('a trigger of an image may copy from a stage that nothing else needs', async () => {
  const base = `FROM scratch
ONBUILD COPY --from=tools /tool /tool
ONBUILD RUN --mount=from=0,target=/m write /trigger ran`
  await lab.build(base, { tags: ['base'] })
  const text = `FROM scratch AS tools
RUN write /tool made
FROM base AS middle
RUN write /middle made
FROM scratch AS unneeded
RUN write /unneeded made
FROM base`
  const { imageId } = await lab.build(text)
  expect(await lab.read(imageId, 'tool')).toBe('made')
  expect(lab.runner.requests.filter(({ argv }) => argv.at(-1)?.includes('unneeded'))).toEqual([])
})

test('ONBUILD triggers run in the next build and are not inherited further', async () => {
  await lab.build('FROM scratch\nONBUILD RUN write /trigger ran', { tags: ['base'] })
  await lab.build('FROM base', { tags: ['child'] })
  expect(await lab.read('child', 'trigger')).toBe('ran')
  expect((await lab.store.inspect('child')).config.OnBuild).toBeUndefined()
})

test('a failed step says where, with the last lines of its output, and leaves nothing behind', async () => {
  const error = await failureOf(lab.build('FROM scratch\nRUN say before\n\nRUN <<EOF\nsay oops\nfail 3\nEOF'))
  expect(error.diagnostics[0]).toMatchObject({
    code: 'BUILD_STEP_FAILED',
    detail: 'oops',
    range: { file: 'Dockerfile', start: { line: 4 }, end: { line: 7 } },
  })
  expect(await lab.store.list()).toEqual([])
  expect(await readdir(join(lab.store.root, 'tmp'))).toEqual([])
})

test('.dockerignore hides files from COPY, and says so', async () => {
  const files = {
    '.dockerignore': '*.log\n!keep.log\nnode_modules',
    'a.log': '1',
    'keep.log': '2',
    'node_modules/x': '3',
  }
  const { imageId } = await lab.build('FROM scratch\nCOPY . /all/', { files })
  expect(await lab.read(imageId, 'all/a.log')).toBeUndefined()
  expect(await lab.read(imageId, 'all/keep.log')).toBe('2')
  expect(await lab.read(imageId, 'all/node_modules/x')).toBeUndefined()
  const error = await failureOf(lab.build('FROM scratch\nCOPY a.log /', { files }))
  expect(error.diagnostics[0]).toMatchObject({ code: 'COPY_SOURCE_MISSING', hint: expect.any(String) })
})

test.each([
  ['COPY a /x', { x: 'A' }],
  ['COPY a /x/', { 'x/a': 'A' }],
  ['COPY a b /x/', { 'x/a': 'A', 'x/b': 'B' }],
  ['COPY *.txt /x/', { 'x/1.txt': '1', 'x/2.txt': '2' }],
  ['COPY dir /x', { 'x/in': 'I' }],
  ['COPY dir/ /x/', { 'x/in': 'I' }],
  ['COPY d?r/in /x', { x: 'I' }],
  ['COPY ["a", "/with space/"]', { 'with space/a': 'A' }],
  ['COPY <<f /x/\nhi\nf', { 'x/f': 'hi\n' }],
  ['WORKDIR /w\nCOPY a .', { 'w/a': 'A' }],
  ['WORKDIR /w\nCOPY a sub/b', { 'w/sub/b': 'A' }],
  ['COPY ../../a /x', { x: 'A' }],
])('%s', async (instruction, expected) => {
  const files = { a: 'A', b: 'B', '1.txt': '1', '2.txt': '2', 'dir/in': 'I' }
  const { imageId } = await lab.build(`FROM scratch\n${instruction}`, { files })
  for (const [path, content] of Object.entries(expected)) expect(await lab.read(imageId, path)).toBe(content)
})

test('a destination that is a folder in the image takes the file in', async () => {
  const { imageId } = await lab.build('FROM scratch\nRUN write /etc/conf/x 1\nCOPY a /etc/conf', {
    files: { a: 'A' },
  })
  expect(await lab.read(imageId, 'etc/conf/a')).toBe('A')
})

test('several sources need a folder', async () => {
  const error = await failureOf(lab.build('FROM scratch\nCOPY a b /x', { files: { a: '', b: '' } }))
  expect(error.code).toBe('COPY_DESTINATION')
})

test('owners by name come from the image itself', async () => {
  const passwd = 'RUN write /etc/passwd www-data:x:33:34::/:\nRUN write /etc/group staff:x:50:'
  const files = { a: 'A' }
  await lab.build(`FROM scratch\n${passwd}\nCOPY --chown=www-data a /x`, { files })
  expect(lab.trees.requests.at(-1)?.owner).toEqual({ uid: 33, gid: 34 })
  await lab.build(`FROM scratch\n${passwd}\nCOPY --chown=7:staff --chmod=0640 a /x`, { files })
  expect(lab.trees.requests.at(-1)).toMatchObject({ owner: { uid: 7, gid: 50 }, mode: 0o640 })
  const error = await failureOf(lab.build('FROM scratch\nCOPY --chown=nobody a /x', { files }))
  expect(error.code).toBe('OWNER_UNKNOWN')
})

test('WORKDIR is made for root where the image does not know its user, and says so', async () => {
  const { imageId } = await lab.build('FROM scratch\nUSER app:staff\nWORKDIR //made/./here')
  expect(lab.events.filter(event => event.type === 'warning')).toMatchObject([
    { code: 'OWNER_UNKNOWN' },
    { code: 'OWNER_UNKNOWN' },
  ])
  expect(lab.trees.requests.at(-1)).toMatchObject({ folders: ['/made/here'], owner: { uid: 0, gid: 0 } })
  const { history, config } = await lab.store.inspect(imageId)
  expect([history.at(-1)?.created_by, config.WorkingDir]).toEqual(['WORKDIR //made/./here', '/made/here'])
})

test('mounts of RUN reach the runner, and a secret is in no key', async () => {
  const text =
    'FROM scratch\nRUN --mount=type=cache,target=/c --mount=type=secret,id=s --mount=type=tmpfs,target=/t --mount=source=f,target=/f --network=none write /a 1'
  await lab.build(text, { files: { f: 'x' }, secrets: { s: Buffer.from('one') } })
  expect(lab.runner.requests[0]).toMatchObject({
    network: 'none',
    mounts: [
      { type: 'bind', target: '/c', readonly: false },
      { type: 'bind', target: '/run/secrets/s', readonly: true },
      { type: 'tmpfs', target: '/t' },
      { type: 'bind', target: '/f', readonly: true },
    ],
  })
  expect(await lab.build(text, { files: { f: 'x' }, secrets: { s: Buffer.from('two') } })).toMatchObject({
    cached: true,
  })
})

test('a secret that is required and missing stops the build', async () => {
  const error = await failureOf(lab.build('FROM scratch\nRUN --mount=type=secret,id=s,required x'))
  expect(error.code).toBe('SECRET_MISSING')
})

test('empty mount points do not stay in the layer, real files do', async () => {
  const { imageId } = await lab.build('FROM scratch\nRUN write /etc/hosts \nRUN write /etc/resolv.conf mine')
  const record = await lab.store.inspect(imageId)
  expect(record.diffIds).toHaveLength(1)
  expect(await lab.read(imageId, 'etc/resolv.conf')).toBe('mine')
})

test('an unknown build argument is a warning', async () => {
  await lab.build('FROM scratch\nARG known\nLABEL a=b', { args: { known: '1', other: '2' } })
  expect(lab.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'BUILD_ARG_UNUSED' }))
})

test('an image that no source has is not found, at the line of FROM', async () => {
  const error = await failureOf(lab.build('FROM scratch\nFROM nowhere:1'))
  expect(error).toMatchObject({ kind: 'notFound', code: 'IMAGE_NOT_FOUND' })
  expect(error.diagnostics[0]?.range?.start.line).toBe(2)
})

test('an abort ends the build and removes what was half-made', async () => {
  const abort = new AbortController()
  const build = lab.build('FROM scratch\nRUN say x\nRUN write /a 1', {
    signal: abort.signal,
    onEvent: event => event.type === 'output' && abort.abort(new Error('enough')),
  })
  await expect(build).rejects.toThrow('enough')
  expect(await readdir(join(lab.store.root, 'tmp'))).toEqual([])
})

test('a missing Dockerfile and a missing context have their own codes', async () => {
  expect((await failureOf(lab.build('FROM scratch', { dockerfile: 'no/such' }))).code).toBe(
    'DOCKERFILE_MISSING',
  )
  const context = { type: 'folder', path: join(lab.folder, 'none') } as const
  expect((await failureOf(lab.build('FROM scratch', { context }))).code).toBe('CONTEXT_MISSING')
})

test('a further context serves COPY --from', async () => {
  const folder = join(lab.folder, 'more')
  await mkdir(folder)
  await writeFile(join(folder, 'a'), 'from more')
  const { imageId } = await lab.build('FROM scratch\nCOPY --from=more a /', {
    contexts: { more: { folder } },
  })
  expect(await lab.read(imageId, 'a')).toBe('from more')
})

test('ADD copies what is packed but no archive, and unpacks what is one', async () => {
  const packed = gzipSync('not a tar')
  const archive = Buffer.concat([encodeHeader(plainEntry({ type: 'folder', name: 'd/' })), endOfArchive()])
  const file = (name: string, content: Buffer): PackedEntry => ({
    entry: plainEntry({ type: 'file', name, size: content.length }),
    content,
  })
  const stream = packTar([file('small.gz', packed), file('a.tgz', gzipSync(archive))])
  await lab.build('', {
    context: { type: 'tar', stream },
    dockerfileText: 'FROM scratch\nADD small.gz /s\nADD a.tgz /u/',
    tags: ['added'],
  })
  const [unpacked = '', copied = ''] = await lab.store.layersOf('added')
  expect(readFileSync(join(copied, 's'))).toEqual(packed)
  expect(readdirSync(join(unpacked, 'u'))).toEqual(['d'])
})

test('what has another name or content is copied again, UTF-8 or not', async () => {
  const odd = (byte: number): Buffer => Buffer.concat([Buffer.from('a'), Buffer.from([byte])])
  const context = join(lab.folder, 'odd')
  const run = async (): Promise<boolean> =>
    (
      await lab.build('', {
        context: { type: 'folder', path: context },
        dockerfileText: 'FROM scratch\nCOPY . /c',
      })
    ).cached
  await mkdir(context)
  const at = (name: Buffer): Buffer => Buffer.concat([Buffer.from(`${context}/`), name])
  await writeFile(at(odd(0xe9)), 'one')
  await run()
  expect(await run()).toBe(true)
  await writeFile(at(odd(0xe9)), 'two')
  expect(await run()).toBe(false)
  await rename(at(odd(0xe9)), at(odd(0xe8)))
  expect(await run()).toBe(false)
})

test('wildcards match names that are not UTF-8, and their bytes and content count', async () => {
  const context = join(lab.folder, 'odd-wildcard')
  await mkdir(context)
  const at = (byte: number): Buffer => Buffer.concat([Buffer.from(`${context}/a`), Buffer.from([byte])])
  const isCached = async (dockerfileText: string): Promise<boolean> =>
    (await lab.build('', { context: { type: 'folder', path: context }, dockerfileText })).cached
  for (const copy of ['COPY a? /c/', 'ADD a* /c/', 'COPY --exclude=b . /c/']) {
    const dockerfile = `FROM scratch\n${copy}\nFROM scratch\nCOPY --from=0 /c/* /d/`
    await writeFile(at(0xe9), 'one')
    await isCached(dockerfile)
    expect(await isCached(dockerfile)).toBe(true)
    await writeFile(at(0xe9), copy)
    expect(await isCached(dockerfile)).toBe(false)
    await rename(at(0xe9), at(0xe8))
    expect(await isCached(dockerfile)).toBe(false)
  }
})

test('the last ARG or ENV of a name has its say, and a stage has the ARGs of the one that it begins with', async () => {
  await lab.build('FROM scratch\nENV V=1\nRUN write /a 1', { tags: ['base'] })
  const text = `FROM base AS first
ARG INHERITED=yes
ARG V=2
RUN write /b 1
FROM first
LABEL v=$V inherited=$INHERITED
ARG V=3
ENV C=$V
RUN write /c 1
ARG V
ENV V=4
ARG V
RUN write /d 1`
  const { imageId } = await lab.build(text)
  expect(lab.runner.requests.slice(-3).map(({ env }) => env.filter(line => /^[VCI]/.test(line)))).toEqual([
    ['V=2', 'INHERITED=yes'],
    ['INHERITED=yes', 'V=3', 'C=3'],
    ['INHERITED=yes', 'V=4', 'C=3'],
  ])
  expect((await lab.store.inspect(imageId)).config).toMatchObject({
    Env: [expect.stringMatching(/^PATH=/), 'V=4', 'C=3'],
    Labels: { v: '1', inherited: 'yes' },
  })
})

test('a proxy that no ARG speaks of is there in both spellings', async () => {
  await lab.build('FROM scratch\nRUN write /a 1', { args: { HTTP_PROXY: 'a', no_proxy: 'b' } })
  expect(lab.runner.requests[0]?.env.filter(line => /proxy/i.test(line)).sort()).toEqual([
    'HTTP_PROXY=a',
    'NO_PROXY=b',
    'http_proxy=a',
    'no_proxy=b',
  ])
})

test('a stage that a trigger of the parent stage copies from is built', async () => {
  const text = `FROM scratch AS source
RUN write /made here
FROM scratch AS parent
ONBUILD COPY --from=source /made /copied
FROM parent`
  expect(await lab.read((await lab.build(text)).imageId, 'copied')).toBe('here')
})

test('nothing at all is a source, too', async () => {
  const text =
    'FROM scratch\nCOPY f /f\nCOPY --from=scratch / /\nRUN --mount=from=scratch,target=/t write /a 1'
  const { imageId } = await lab.build(text, { files: { f: '1' } })
  expect([await lab.read(imageId, 'f'), await lab.read(imageId, 'a')]).toEqual(['1', '1'])
})

test('the history tells instructions with the values that they came to', async () => {
  const text = `FROM scratch
ARG A=1 B
ENV E=$A F="x y"
LABEL l=$E
WORKDIR rel
WORKDIR ../$E/deep
COPY --chown=$A f $E/
CMD echo $A
ENTRYPOINT ["e", "$A"]
EXPOSE 80 9000/udp 100
VOLUME /v/$A
USER $A
ONBUILD RUN a
SHELL ["/bin/a", "-c"]`
  const { imageId } = await lab.build(text, { files: { f: '1' } })
  const { history } = await lab.store.inspect(imageId)
  expect(history.map(entry => entry.created_by)).toEqual([
    'ARG A=1 B',
    'ENV E=1 F=x y',
    'LABEL l=1',
    'WORKDIR /rel',
    'WORKDIR /1/deep',
    'COPY --chown=1 f 1/ # buildkit',
    'CMD ["/bin/sh" "-c" "echo $A"]',
    'ENTRYPOINT ["e" "$A"]',
    'EXPOSE [100/tcp 80/tcp 9000/udp]',
    'VOLUME [/v/1]',
    'USER 1',
    'SHELL [/bin/a -c]',
  ])
  expect(new Set(history.map(entry => entry.comment))).toEqual(new Set(['buildkit.dockerfile.v0']))
})
