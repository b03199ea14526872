import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Build } from '../../model/index.ts'
import { ignoreRules } from '../../tar/index.ts'
import { openBuildContext } from './index.ts'
import { packContext } from './pack.ts'
import { isRemoteContext } from './where.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-context-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

/** Names in the tar, and the text of the Dockerfile that it names. */
async function opened(
  build: Partial<Build> = {},
): Promise<{ names: string[]; dockerfile: string | undefined; rules: string | undefined }> {
  const source = await openBuildContext('web', { context: join(root, 'app'), ...build })
  const files = await filesIn(source.context)
  const rules = files.get(`${source.dockerfile}.dockerignore`)
  return { names: [...files.keys()], dockerfile: files.get(source.dockerfile), rules }
}

async function filesIn(context: Readable): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for await (const entry of context.pipe(extract())) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    files.set(entry.header.name, Buffer.concat(chunks).toString())
  }
  return files
}

async function namesIn(context: Readable): Promise<string[]> {
  return [...(await filesIn(context)).keys()]
}

/** Packs the folder; each file is changed after its size was looked up and before its content is read. */
function packWhile(change: (path: string) => void): Promise<Buffer> {
  const isIgnored = (path: string): boolean => {
    change(join(root, path))
    return false
  }
  return buffer(packContext(root, { rules: { isIgnored, mayKeepIn: () => false }, needed: [] }, []))
}

describe('a build context that changes while it is packed', () => {
  it('has a file that grows as it was when it was looked at', async () => {
    write({ 'access.log': 'one', empty: '' })
    const packed = await packWhile(path => appendFileSync(path, '+more'))
    expect(packed.toString('latin1')).toContain('one')
    expect(packed.toString('latin1')).not.toContain('+more')
  })

  it('fails with the name of a file that is cut off or gone', async () => {
    write({ 'a.db': 'content' })
    const named = { code: 'CONTEXT_CHANGED', message: expect.stringContaining(join(root, 'a.db')) }
    await expect(packWhile(path => truncateSync(path, 3))).rejects.toMatchObject(named)
    await expect(packWhile(path => rmSync(path))).rejects.toMatchObject(named)
  })
})

describe('a build context', () => {
  it('holds the folder, sorted, links as links', async () => {
    write({ 'app/Dockerfile': 'FROM a', 'app/src/b': '', 'app/src/a': '' })
    symlinkSync('/etc/passwd', join(root, 'app/link'))
    expect(await opened()).toMatchObject({
      names: ['Dockerfile', 'link', 'src/', 'src/a', 'src/b'],
      dockerfile: 'FROM a',
    })
  })

  it('leaves out what is ignored, but never the Dockerfile', async () => {
    write({
      'app/Dockerfile': 'FROM a',
      'app/.dockerignore': 'Dockerfile\nnode_modules\n*.log\n!keep.log\n',
      'app/node_modules/x/y': '',
      'app/a.log': '',
      'app/keep.log': '',
    })
    expect((await opened()).names).toEqual(['.dockerignore', 'Dockerfile', 'keep.log'])
  })

  it('prefers the ignore file of its Dockerfile', async () => {
    write({
      'app/docker/web': 'FROM web',
      'app/docker/web.dockerignore': '*\n',
      'app/.dockerignore': '',
      'app/secret': '',
    })
    const { names, dockerfile } = await opened({ dockerfile: 'docker/web' })
    expect(names).not.toContain('secret')
    expect(dockerfile).toBe('FROM web')
  })

  it('takes a Dockerfile from outside, or from the Compose file', async () => {
    write({ 'app/x': '', 'other/Dockerfile': 'FROM outside' })
    expect((await opened({ dockerfile: '../other/Dockerfile' })).dockerfile).toBe('FROM outside')
    expect((await opened({ dockerfile_inline: 'FROM inline' })).dockerfile).toBe('FROM inline')
  })

  it('sends the ignore file of its Dockerfile even where that names itself', async () => {
    write({ 'app/D': 'FROM d', 'app/D.dockerignore': '*\n', 'app/.dockerignore': '', 'app/x': '' })
    expect((await opened({ dockerfile: 'D' })).names).toEqual(['.dockerignore', 'D', 'D.dockerignore'])
  })

  it('keeps a Dockerfile from elsewhere, and its rules, out of the context', async () => {
    write({
      'app/x': '',
      'app/secret': '',
      'app/other': '',
      'app/.dockerignore': 'other\n',
      'df/D': 'FROM d',
      'df/D.dockerignore': 'secret\n',
    })
    const own = ['.tscompose.Dockerfile', '.tscompose.Dockerfile.dockerignore']
    expect((await opened({ dockerfile: '../df/D' })).names).toEqual([...own, '.dockerignore', 'other', 'x'])
    const { names, rules } = await opened({ dockerfile_inline: 'FROM inline' })
    expect(names).toEqual([...own, '.dockerignore', 'secret', 'x'])
    const { isIgnored } = ignoreRules(rules)
    expect([...own, 'other', 'x'].map(isIgnored)).toEqual([true, true, true, false])
  })

  it('counts case, and goes into folders that may hold what a rule keeps, and into no other', async () => {
    write({
      'app/Dockerfile': '',
      'app/README': '',
      'app/.dockerignore': 'readme\nnode_modules\nlib\n!lib/*/keep\n',
      'app/node_modules/x/y': '',
      'app/lib/a/keep': '',
      'app/lib/a/drop': '',
    })
    chmodSync(join(root, 'app/node_modules'), 0)
    expect((await opened()).names).toEqual(['.dockerignore', 'Dockerfile', 'README', 'lib/a/keep'])
  })

  it('has names as their bytes, UTF-8 or not', async () => {
    write({ 'app/Dockerfile': 'FROM a' })
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'app/a')), Buffer.from([0xe9])]), 'x')
    const { context } = await openBuildContext('web', { context: join(root, 'app') })
    expect((await buffer(context)).toString('latin1')).toContain('a\xe9\0')
  })

  it('that is not there is a failure', async () => {
    await expect(opened()).rejects.toMatchObject({ code: 'BUILD_CONTEXT_NOT_FOUND' })
    write({ 'app/x': '' })
    await expect(opened()).rejects.toMatchObject({ code: 'DOCKERFILE_NOT_FOUND' })
  })

  it('does not wait for a Dockerfile that is a pipe, and says what is no file', async () => {
    write({ 'app/x': '' })
    execFileSync('mkfifo', [join(root, 'app/Dockerfile')])
    await expect(opened()).rejects.toMatchObject({ code: 'NOT_A_FILE' })
    await expect(opened({ dockerfile: '.' })).rejects.toMatchObject({ code: 'NOT_A_FILE' })
  })

  it('never holds where its engine keeps what it is sent', async () => {
    write({ 'app/Dockerfile': 'FROM a', 'app/state/images/a.md': '', 'more/state/x': '', 'more/y': '' })
    symlinkSync(join(root, 'app/state'), join(root, 'led-to'))
    const open = (engineRoot: string, build: Partial<Build> = {}) =>
      openBuildContext(
        'web',
        { context: join(root, 'app'), ...build },
        { engineRoot: join(root, engineRoot) },
      )
    const refused = { code: 'CONTEXT_HOLDS_ENGINE' }
    for (const engineRoot of ['app/state', 'led-to', 'app', 'app/state/images'])
      await expect(open(engineRoot)).rejects.toMatchObject(refused)
    await expect(open('app/state', { dockerfile_inline: 'FROM a' })).rejects.toMatchObject(refused)
    for (const elsewhere of ['elsewhere', 'app/none', '.', 'more']) await open(elsewhere)

    write({ 'app/.dockerignore': 'state\n!**/*.md\n' })
    const { context } = await open('app/state')
    expect(await namesIn(context)).toEqual(['.dockerignore', 'Dockerfile'])

    const part = { name: 'part', folder: join(root, 'more'), engineRoot: join(root, 'more/state') }
    const choice = { rules: ignoreRules(''), needed: [] }
    const packed = () => packContext(join(root, 'app'), choice, [], [part])
    await expect(buffer(packed())).rejects.toMatchObject(refused)
    write({ 'more/.dockerignore': 'state\n' })
    expect(await namesIn(packed())).toContain('part/y')
  })

  it('may be a URL, which the engine fetches', () => {
    expect(isRemoteContext('https://example.com/a.git#main')).toBe(true)
    expect(isRemoteContext('/srv/app')).toBe(false)
  })
})
