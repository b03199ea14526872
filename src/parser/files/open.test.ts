import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FileSystem, LoadResult, OpenOptions } from '../contract.ts'
import { openProject } from './open.ts'

function diskOf(files: Readonly<Record<string, string>>): FileSystem {
  return { readFile: path => files[path], exists: path => Object.hasOwn(files, path) }
}

function open(files: Readonly<Record<string, string>>, options: Partial<OpenOptions> = {}): LoadResult {
  return openProject({ cwd: '/w/app', env: {}, fileSystem: diskOf(files), ...options })
}

const A = 'services: {a: {image: "x:${TAG:-none}"}}'
const image = (result: LoadResult): unknown => result.project?.model.services['a']?.image

describe('finding the project', () => {
  test('a file is looked for here and in the parents, with its override', () => {
    const result = open({ '/w/compose.yaml': A, '/w/compose.override.yaml': 'services: {a: {user: u}}' })
    expect(result.project).toMatchObject({
      name: 'w',
      workingDir: '/w',
      configFiles: ['/w/compose.yaml', '/w/compose.override.yaml'],
    })
  })

  test('the strongest of several names wins, with a warning', () => {
    const result = open({ '/w/app/compose.yml': A, '/w/app/docker-compose.yml': A })
    expect(result.project?.configFiles).toEqual(['/w/app/compose.yml'])
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['SEVERAL_COMPOSE_FILES'])
  })

  test('with -f there is no override, and its folder is the base', () => {
    const result = open(
      { '/w/app/sub/c.yaml': A, '/w/app/sub/compose.override.yaml': A },
      { files: ['sub/c.yaml'] },
    )
    expect(result.project).toMatchObject({
      name: 'sub',
      workingDir: '/w/app/sub',
      configFiles: ['/w/app/sub/c.yaml'],
    })
  })

  test.each([
    ['found', {}],
    ['named', { files: ['c.yaml'] }],
    ['found in a project directory', { cwd: '.', projectDirectory: 'app' }],
  ])('with a folder relative to the process, files that are %s and their paths are absolute', (_how, options) => {
    const text = 'services: {a: {image: x, build: {context: web}, volumes: ["./data:/data"]}}'
    const app = resolve('app')
    const files = { [`${app}/compose.yaml`]: text, [`${app}/c.yaml`]: text, [`${app}/.env`]: 'TAG=env' }
    const { project, diagnostics } = open(files, { cwd: './app/', ...options })
    expect(diagnostics).toEqual([])
    expect(project).toMatchObject({
      name: 'app',
      workingDir: app,
      model: { services: { a: { build: { context: `${app}/web` }, volumes: [{ source: `${app}/data` }] } } },
    })
  })

  test('standard input is a file like others', () => {
    expect(image(open({}, { files: ['-'], stdin: () => A }))).toBe('x:none')
  })

  test('no file and a missing file are refused', () => {
    expect(open({}).diagnostics.map(({ code }) => code)).toEqual(['NO_COMPOSE_FILE'])
    expect(open({}, { files: ['gone.yaml'] }).diagnostics.map(({ code }) => code)).toEqual(['FILE_NOT_FOUND'])
  })
})

describe('variables', () => {
  const files = {
    '/w/app/compose.yaml': A,
    '/w/app/.env': 'TAG=env\nCOMPOSE_PROJECT_NAME=named',
    '/w/app/o.env': 'TAG=other',
  }

  test('.env beside the file, then the process wins over it, --env-file replaces it', () => {
    expect(image(open(files))).toBe('x:env')
    expect(open(files).project?.name).toBe('named')
    expect(image(open(files, { env: { TAG: 'os' } }))).toBe('x:os')
    expect(image(open(files, { envFiles: ['o.env'] }))).toBe('x:other')
    expect(image(open(files, { env: { COMPOSE_DISABLE_ENV_FILE: '1' } }))).toBe('x:none')
  })

  test('.env may name the files and profiles', () => {
    const result = open({
      '/w/app/.env': 'COMPOSE_FILE=sub/a.yaml:b.yaml\nCOMPOSE_PROFILES=p',
      '/w/app/sub/a.yaml': A,
      '/w/app/sub/.env': 'TAG=sub',
      '/w/app/b.yaml': 'services: {b: {image: y, profiles: [p]}}',
    })
    expect(result.project).toMatchObject({ workingDir: '/w/app/sub', profiles: ['p'] })
    expect(Object.keys(result.project?.model.services ?? {})).toEqual(['a', 'b'])
    expect(image(result)).toBe('x:sub')
  })

  test('a missing --env-file is refused, a wrong line is shown with its place', () => {
    expect(open(files, { envFiles: ['gone'] }).diagnostics[0]?.code).toBe('ENV_FILE_NOT_FOUND')
    const wrong = open({ ...files, '/w/app/.env': 'A=1\nB="open' })
    expect(wrong.diagnostics[0]).toMatchObject({
      code: 'DOTENV_SYNTAX',
      range: { file: '/w/app/.env', start: { line: 2 } },
    })
  })
})

describe('PWD', () => {
  const file = { '/w/app/c.yaml': 'services: {a: {image: "x:${PWD}", environment: [PWD]}}' }

  test('is the folder that the tool is run in where the shell does not export it', () => {
    const result = open(file, { files: ['c.yaml'] })
    expect(result.diagnostics).toEqual([])
    expect(result.project?.model.services['a']).toMatchObject({
      image: 'x:/w/app',
      environment: { PWD: '/w/app' },
    })
  })

  test('is what the shell says where it does, and never what a file says', () => {
    const files = { ...file, '/w/app/.env': 'PWD=/file' }
    expect(image(open(files, { files: ['c.yaml'], env: { PWD: '/link' } }))).toBe('x:/link')
    expect(image(open(files, { files: ['c.yaml'], env: { PWD: '' } }))).toBe('x:')
    expect(image(open(files, { files: ['c.yaml'] }))).toBe('x:/w/app')
  })
})
