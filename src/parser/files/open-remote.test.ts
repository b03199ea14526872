import { describe, expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import type { FileSystem, LoadResult, OpenOptions, RemoteFile, RemoteLoader } from '../contract.ts'
import { openProject } from './open.ts'
import { openRemoteProject } from './open-remote.ts'

const REPOSITORY = 'https://example.com/app.git'

function diskOf(files: Readonly<Record<string, string>>): FileSystem {
  return { readFile: path => files[path], exists: path => Object.hasOwn(files, path) }
}

/** A loader that has put references to `/cache` already, and tells what it was asked for. */
function loaderOf(files: Readonly<Record<string, RemoteFile>>): RemoteLoader & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    fetch: async ({ text }) => {
      asked.push(text)
      const file = files[text]
      if (file === undefined)
        throw failure({ code: 'REMOTE_UNREACHABLE', summary: `cannot reach ${text}`, hint: 'try again' })
      return file
    },
  }
}

function open(
  files: Readonly<Record<string, string>>,
  remotes: Readonly<Record<string, RemoteFile>>,
  options: Partial<OpenOptions> = {},
): Promise<LoadResult> {
  return openRemoteProject({ cwd: '/p', env: {}, fileSystem: diskOf(files), ...options }, loaderOf(remotes))
}

const codesOf = (result: LoadResult): string[] => result.diagnostics.map(({ code }) => code)

describe('a remote file of -f', () => {
  const files = {
    '/cache/app/sub/compose.yaml': 'services: {web: {image: "web:$TAG", volumes: ["./data:/data"]}}',
    '/cache/app/sub/.env': 'TAG=remote',
    '/p/.env': 'TAG=local',
    '/p/over.yaml': 'services: {web: {build: .}}',
  }
  const remotes = { [`${REPOSITORY}#main:sub`]: { path: '/cache/app/sub/compose.yaml', root: '/cache/app' } }

  test('has its paths beside it, its variables and its name from where the command runs', async () => {
    const { project } = await open(files, remotes, { files: [`${REPOSITORY}#main:sub`] })
    expect(project?.name).toBe('p')
    expect(project?.workingDir).toBe('/cache/app/sub')
    expect(project?.model.services['web']).toMatchObject({
      image: 'web:local',
      volumes: [{ source: '/cache/app/sub/data' }],
    })
  })

  test('gives its folder to local files beside it, in any order', async () => {
    for (const order of [
      ['over.yaml', `${REPOSITORY}#main:sub`],
      [`${REPOSITORY}#main:sub`, 'over.yaml'],
    ]) {
      const { project } = await open(files, remotes, { files: order })
      expect(project?.model.services['web']?.build?.context).toBe('/cache/app/sub')
      expect(project?.name).toBe('p')
    }
  })

  test('may be named by COMPOSE_FILE, alone or with another separator', async () => {
    const alone = await open(files, remotes, { env: { COMPOSE_FILE: `${REPOSITORY}#main:sub` } })
    expect(alone.project?.workingDir).toBe('/cache/app/sub')
    const env = { COMPOSE_FILE: `${REPOSITORY}#main:sub,over.yaml`, COMPOSE_PATH_SEPARATOR: ',' }
    expect((await open(files, remotes, { env })).project?.configFiles).toEqual([
      '/cache/app/sub/compose.yaml',
      '/p/over.yaml',
    ])
  })

  test('that cannot be had ends the load', async () => {
    const result = await open(files, {}, { files: [REPOSITORY] })
    expect(result.project).toBeUndefined()
    expect(result.diagnostics).toMatchObject([{ code: 'REMOTE_UNREACHABLE', hint: 'try again' }])
  })
})

describe('include of a remote file', () => {
  test('is a project of its own: its .env, its folder, its own includes', async () => {
    const files = {
      '/p/compose.yaml': `include: ["${REPOSITORY}"]`,
      '/cache/app/compose.yaml': 'include: [part.yaml]\nservices: {web: {image: "web:$TAG"}}',
      '/cache/app/part.yaml': 'services: {part: {image: part, volumes: ["./p:/p"]}}',
      '/cache/app/.env': 'TAG=remote',
    }
    const remotes = { [REPOSITORY]: { path: '/cache/app/compose.yaml', root: '/cache/app' } }
    const { project } = await open(files, remotes)
    expect(project?.model.services).toMatchObject({
      web: { image: 'web:remote' },
      part: { volumes: [{ source: '/cache/app/p' }] },
    })
    expect(project?.workingDir).toBe('/p')
  })

  test('reports a cycle by the references that people wrote', async () => {
    const [first, second] = ['oci://r/a:1', 'oci://r/b:1']
    const files = {
      '/p/compose.yaml': `include: ["${first}"]`,
      '/cache/a/compose.yaml': `include: ["${second}"]`,
      '/cache/b/compose.yaml': `include: ["${first}"]`,
    }
    const remotes = {
      [first]: { path: '/cache/a/compose.yaml', root: '/cache/a' },
      [second]: { path: '/cache/b/compose.yaml', root: '/cache/b' },
    }
    const { diagnostics } = await open(files, remotes)
    const cycle = diagnostics.find(({ code }) => code === 'INCLUDE_CYCLE')
    expect(cycle?.detail).toBe(
      ['/p/compose.yaml', `includes ${first}`, `includes ${second}`, `includes ${first}`].join('\n'),
    )
    expect(cycle?.range?.file).toBe('/cache/b/compose.yaml')
  })

  test('that cannot be had is told at its place, with all others', async () => {
    const files = { '/p/compose.yaml': `include:\n  - "${REPOSITORY}"\n  - oci://r/a:1\n` }
    const { diagnostics } = await open(files, {})
    expect(diagnostics.filter(({ code }) => code === 'REMOTE_UNREACHABLE')).toMatchObject([
      { path: 'include[0]', range: { start: { line: 2, column: 5 } }, hint: 'try again' },
      { path: 'include[1]', range: { start: { line: 3, column: 5 } } },
    ])
  })

  test('ends when every file names a further one', async () => {
    const nameOf = (at: number): string => `oci://r/a:${at}`
    const loader: RemoteLoader = {
      fetch: async ({ text }) => {
        const path = `/cache/${Number(text.split(':').at(-1)) + 1}`
        return { path, root: '/cache' }
      },
    }
    const readFile = (path: string): string | undefined =>
      path === '/p/compose.yaml'
        ? `include: ["${nameOf(0)}"]`
        : path.startsWith('/cache/')
          ? `include: ["${nameOf(Number(path.slice('/cache/'.length)))}"]`
          : undefined
    const fileSystem: FileSystem = { readFile, exists: path => readFile(path) !== undefined }
    const result = await openRemoteProject({ cwd: '/p', env: {}, fileSystem }, loader)
    expect(codesOf(result)).toContain('REMOTE_CHAIN')
  })
})

describe('extends of a remote file', () => {
  const reference = `${REPOSITORY}#:sub/base.yaml`
  const remotes = { [reference]: { path: '/cache/app/sub/base.yaml', root: '/cache/app' } }

  test('starts its paths at the top of the checkout', async () => {
    const files = {
      '/p/compose.yaml': `services: {web: {extends: {file: "${reference}", service: base}}}`,
      '/cache/app/sub/base.yaml':
        'services: {base: {image: b, volumes: ["./data:/data"], extends: {file: sub/other.yaml, service: o}}}',
      '/cache/app/sub/other.yaml': 'services: {o: {labels: {from: other}}}',
    }
    const { project } = await open(files, remotes)
    expect(project?.model.services['web']).toMatchObject({
      volumes: [{ source: '/cache/app/data' }],
      labels: { from: 'other' },
    })
  })

  test('may lead on to another remote file', async () => {
    const files = {
      '/p/compose.yaml': `services: {web: {extends: {file: "${reference}", service: base}}}`,
      '/cache/app/sub/base.yaml': 'services: {base: {extends: {file: "oci://r/a:1", service: deep}}}',
      '/cache/a/compose.yaml': 'services: {deep: {image: deep}}',
    }
    const further = { ...remotes, 'oci://r/a:1': { path: '/cache/a/compose.yaml', root: '/cache/a' } }
    expect((await open(files, further)).project?.model.services['web']?.image).toBe('deep')
  })

  test('reports a cycle by reference', async () => {
    const files = {
      '/p/compose.yaml': `services: {web: {extends: {file: "${reference}", service: base}}}`,
      '/cache/app/sub/base.yaml': `services: {base: {extends: {file: "${reference}", service: base}}}`,
    }
    const { diagnostics } = await open(files, remotes)
    expect(diagnostics.find(({ code }) => code === 'EXTENDS_CYCLE')?.detail).toBe(
      ['web in /p/compose.yaml', `extends base in ${reference}`, `extends base in ${reference}`].join('\n'),
    )
  })

  test('that cannot be had is told at extends.file', async () => {
    const text = `services:\n  web:\n    extends:\n      file: "${reference}"\n      service: base\n`
    const { diagnostics } = await open({ '/p/compose.yaml': text }, {})
    expect(diagnostics).toMatchObject([
      {
        code: 'REMOTE_UNREACHABLE',
        path: 'services.web.extends.file',
        range: { start: { line: 4, column: 13 } },
      },
    ])
  })
})

test('a project without remote files is loaded once, and nobody is asked', async () => {
  const files = { '/p/compose.yaml': 'services: {web: {build: "https://example.com/app.git#main"}}' }
  const disk = diskOf(files)
  const read: string[] = []
  const fileSystem: FileSystem = {
    ...disk,
    readFile: path => {
      read.push(path)
      return disk.readFile(path)
    },
  }
  const loader = loaderOf({})
  const { project } = await openRemoteProject({ cwd: '/p', env: {}, fileSystem }, loader)
  expect(project?.model.services['web']?.build?.context).toBe('https://example.com/app.git#main')
  expect(loader.asked).toEqual([])
  expect(read.filter(path => path === '/p/compose.yaml')).toHaveLength(1)
})

test('standard input is read once, however often the project is loaded', async () => {
  let reads = 0
  const stdin = (): string => {
    reads += 1
    return 'include: ["oci://r/a:1"]'
  }
  const files = { '/cache/a/compose.yaml': 'services: {deep: {image: deep}}' }
  const remotes = { 'oci://r/a:1': { path: '/cache/a/compose.yaml', root: '/cache/a' } }
  const { project } = await open(files, remotes, { files: ['-'], stdin })
  expect(Object.keys(project?.model.services ?? {})).toEqual(['deep'])
  expect(reads).toBe(1)
})

describe('without a loader', () => {
  test.each([
    [`include: ["${REPOSITORY}"]`, 'REMOTE_UNREACHABLE'],
    [`services: {web: {extends: {file: "${REPOSITORY}", service: base}}}`, 'REMOTE_UNREACHABLE'],
    ['include: ["https://example.com/compose.yaml"]', 'REMOTE_UNSUPPORTED'],
    ['services: {web: {extends: {file: "file:///a.yaml", service: base}}}', 'REMOTE_UNSUPPORTED'],
  ])('%s is %s', (text, code) => {
    const fileSystem = diskOf({ '/p/compose.yaml': text })
    expect(codesOf(openProject({ cwd: '/p', env: {}, fileSystem }))).toContain(code)
  })
})
