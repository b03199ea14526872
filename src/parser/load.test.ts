import { describe, expect, test } from 'vitest'
import type { LoadInput, LoadResult } from './contract.ts'
import { load } from './load.ts'

interface Given extends Partial<Omit<LoadInput, 'files'>> {
  readonly disk?: Readonly<Record<string, string>>
}

function open(texts: string | readonly string[], given: Given = {}): LoadResult {
  const { disk = {}, ...input } = given
  const files = [texts].flat().map((text, index) => ({ name: `/p/${index}.yaml`, text }))
  return load({ files, workingDir: '/p', projectName: 'p', env: {}, readFile: path => disk[path], ...input })
}

function codes(result: LoadResult): string[] {
  return result.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}

function service(result: LoadResult, name = 'a'): Record<string, unknown> {
  expect(codes(result)).toEqual([])
  return result.project?.model.services[name] as unknown as Record<string, unknown>
}

describe('files and documents', () => {
  test('documents of one file merge as files do', () => {
    const both = 'services: {a: {image: x, ports: [80]}}\n---\nservices: {a: {image: y, ports: [81]}}'
    expect(service(open(both))).toEqual(service(open(both.split('\n---\n'))))
  })

  test('an empty file is refused, one with resources alone is not', () => {
    expect(codes(open(''))).toEqual(['EMPTY_FILE'])
    expect(codes(open('networks: {a: {}}'))).toEqual([])
    expect(codes(open('- a'))).toEqual(['INVALID_TYPE'])
  })

  test('every problem of a file comes in one run, each at its own place', () => {
    const result = open(
      'services:\n  a:\n    imag: x\n    ports: 80\n  b:\n    image: y\n    networks: [nope]\n  c: {image: z, depends_on: [d]}\n',
    )
    expect(result.project).toBeUndefined()
    expect(result.diagnostics.map(({ code, range, hint }) => [code, range?.start.line, hint])).toEqual([
      ['UNKNOWN_ATTRIBUTE', 3, 'did you mean "image"?'],
      ['INVALID_TYPE', 4, 'write it as a list item: - "80"'],
      ['UNDEFINED_NETWORK', 7, 'add `nope:` to the top-level networks'],
      ['UNDEFINED_SERVICE', 8, undefined],
    ])
  })

  test('what follows from an error is not reported', () => {
    expect(codes(open('services: {a: {image: [x]}, b: {image: y, depends_on: [c]}, c: 3}'))).toEqual([
      'INVALID_TYPE',
      'INVALID_TYPE',
    ])
  })
})

describe('!reset and !override', () => {
  test('reset removes what an earlier file says, whatever value follows', () => {
    const base = 'services: {a: {image: x, ports: [80], environment: {A: 1, B: 2}, command: [x]}}'
    const over = 'services: {a: {ports: !reset [], environment: {A: !reset null}, command: !reset x}}'
    const merged = service(open([base, over]))
    expect(merged['ports']).toBeUndefined()
    expect(merged['environment']).toEqual({ B: '2' })
    expect(merged['command']).toBeNull()
  })

  test('override replaces where a merge would append', () => {
    const merged = service(
      open(['services: {a: {image: x, cap_add: [A]}}', 'services: {a: {cap_add: !override [B]}}']),
    )
    expect(merged['cap_add']).toEqual(['B'])
  })

  test('both act on what extends brings, and on earlier files at the same time', () => {
    const base = 'services: {a: {image: x, cap_add: [A]}}'
    const over = 'services: {t: {image: t, cap_add: [T]}, a: {extends: t, cap_add: !reset []}}'
    expect(service(open([base, over]))['cap_add']).toBeUndefined()
  })

  test('a whole service can be reset', () => {
    const result = open(['services: {a: {image: x}, b: {image: y}}', 'services: {b: !reset null}'])
    expect(Object.keys(result.project?.model.services ?? {})).toEqual(['a'])
  })
})

describe('extends', () => {
  test('a base in another file brings its own paths', () => {
    const disk = {
      '/lib/base.yaml':
        'services: {b: {image: y, env_file: ./e.env, volumes: [./v:/v], extends: c}, c: {user: u}}',
      '/lib/e.env': 'A=1',
    }
    const loaded = service(
      open('services: {a: {extends: {file: /lib/base.yaml, service: b}, user: w}}', { disk }),
    )
    expect(loaded).toMatchObject({
      image: 'y',
      user: 'w',
      environment: { A: '1' },
      volumes: [{ source: '/lib/v' }],
    })
  })

  test('a circle names its chain', () => {
    const result = open('services: {a: {image: x, extends: b}, b: {extends: a}}')
    expect(codes(result)).toEqual(['EXTENDS_CYCLE'])
    expect(result.diagnostics[0]?.detail).toBe(
      'a in /p/0.yaml\nextends b in /p/0.yaml\nextends a in /p/0.yaml',
    )
  })
})

describe('include', () => {
  const disk = {
    '/p/sub/c.yaml':
      'services: {b: {image: "y:${TAG}", volumes: [./d:/d], environment: [WHO]}, a: {image: z, user: u}}\nvolumes: {v: {}}',
    '/p/sub/.env': 'TAG=1\nWHO=sub',
    '/p/x.yaml': 'include: [0.yaml]\nservices: {x: {image: x}}',
  }

  test('has its own folder and variables, and stands below the file that includes it', () => {
    const result = open('include: [sub/c.yaml]\nservices: {a: {image: x}}', { disk })
    expect(service(result, 'b')).toMatchObject({
      image: 'y:1',
      volumes: [{ source: '/p/sub/d' }],
      environment: { WHO: 'sub' },
    })
    expect(service(result, 'a')).toMatchObject({ image: 'x', user: 'u' })
  })

  test('a service may extend one that include brings', () => {
    expect(service(open('include: [sub/c.yaml]\nservices: {n: {extends: b}}', { disk }), 'n')['image']).toBe(
      'y:1',
    )
  })

  test('a circle and a missing file are refused', () => {
    expect(codes(open('include: [x.yaml]', { disk }))).toEqual(['INCLUDE_CYCLE'])
    expect(codes(open('include: [nope.yaml]', { disk }))).toEqual(['FILE_NOT_FOUND'])
  })
})

describe('the environment of a container', () => {
  const disk = { '/p/a.env': 'A=file\nB=${A}-${C}\nD=file', '/p/raw.env': 'Q="x" $A' }

  test('environment wins over env_file, later files over earlier; C comes from the project', () => {
    const text =
      'services: {a: {image: x, env_file: [a.env, {path: none.env, required: false}], environment: {D: own}}}'
    expect(service(open(text, { disk, env: { C: 'c' } }))['environment']).toEqual({
      A: 'file',
      B: 'file-c',
      D: 'own',
    })
  })

  test('a key without a value beats env_file and unsets', () => {
    const text = 'services: {a: {image: x, env_file: a.env, environment: [A]}}'
    expect(service(open(text, { disk, env: { C: 'c' } }))['environment']).toMatchObject({ A: null })
  })

  test('the raw format takes lines as they are', () => {
    const text = 'services: {a: {image: x, env_file: [{path: raw.env, format: raw}]}}'
    expect(service(open(text, { disk }))['environment']).toEqual({ Q: '"x" $A' })
  })

  test('files of services that are not wanted are not opened', () => {
    const text = 'services: {a: {image: x}, b: {image: y, env_file: gone.env, profiles: [p]}}'
    expect(codes(open(text))).toEqual([])
    expect(codes(open(text, { profiles: ['p'] }))).toEqual(['ENV_FILE_NOT_FOUND'])
  })
})

describe('profiles and selection', () => {
  const text =
    'services: {a: {image: x, depends_on: [b]}, b: {image: y}, c: {image: z, profiles: [p]}, d: {image: z, profiles: [p, q]}}\nnetworks: {n: {}}'
  const names = (given: Given): string[] => Object.keys(open(text, given).project?.model.services ?? {})

  test('profiles switch services on', () => {
    expect(names({})).toEqual(['a', 'b'])
    expect(names({ profiles: ['q'] })).toEqual(['a', 'b', 'd'])
    expect(names({ profiles: ['*'] })).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a selection brings its dependencies and enables its profiles; the rest is known but disabled', () => {
    expect(names({ services: ['a'] })).toEqual(['a', 'b'])
    expect(names({ services: ['c'] })).toEqual(['c'])
    expect(names({ services: ['a'], options: { dependencies: false } })).toEqual(['a'])
    expect(Object.keys(open(text, { services: ['b'] }).project?.disabledServices ?? {})).toEqual([
      'a',
      'c',
      'd',
    ])
    expect(codes(open(text, { services: ['nope'] }))).toEqual(['NO_SUCH_SERVICE'])
  })

  test('a dependency that is not enabled is an error with the profile in its hint', () => {
    const result = open('services: {a: {image: x, depends_on: [b]}, b: {image: y, profiles: [p]}}')
    expect(codes(result)).toEqual(['DEPENDENCY_DISABLED'])
    expect(result.diagnostics[0]?.hint).toContain('--profile p')
  })

  test('unused resources are dropped unless all are wanted', () => {
    expect(open(text).project?.model.networks).toEqual({ default: { name: 'p_default', ipam: {} } })
    expect(open(text, { options: { allResources: true } }).project?.model.networks).toHaveProperty('n')
  })
})

describe('what the model implies', () => {
  test('links, namespaces and volumes_from are dependencies', () => {
    const result = open(
      'services: {a: {image: x, links: ["b:c"], ipc: "service:d", volumes_from: ["e:ro"]}, b: {image: x}, d: {image: x}, e: {image: x}}',
    )
    expect(service(result)['depends_on']).toEqual({
      b: { condition: 'service_started', restart: true, required: true },
      d: { condition: 'service_started', restart: true, required: true },
      e: { condition: 'service_started', required: true },
    })
  })

  test('the project name: given, written, or the folder made to fit', () => {
    const name = (given: Given, text = 'services: {a: {image: x}}'): string | undefined => {
      const { projectName, ...rest } = { projectName: undefined, ...given }
      const files = [{ name: '/My App/c.yaml', text }]
      return load({
        files,
        workingDir: '/_My App',
        env: {},
        ...(projectName ? { projectName } : {}),
        ...rest,
      }).project?.name
    }
    expect(name({})).toBe('myapp')
    expect(name({ env: { N: 'X-1' } }, 'name: "${N}"\nservices: {a: {image: x}}')).toBe('x-1')
    expect(name({ projectName: 'given' })).toBe('given')
    expect(name({ projectName: 'Given' })).toBeUndefined()
  })

  test('COMPOSE_PROJECT_NAME can be used in the file', () => {
    expect(service(open('services: {a: {image: "${COMPOSE_PROJECT_NAME}"}}'))['image']).toBe('p')
  })
})

test('a value remembers its place, its variables and what it overrode', () => {
  const base = 'services:\n  a:\n    image: old\n'
  const over = 'services:\n  a:\n    image: "new:${TAG}"\n'
  const origin = open([base, over], { env: { TAG: '2' } }).project?.origins.of(['services', 'a', 'image'])
  expect(origin).toMatchObject({
    range: { file: '/p/1.yaml', start: { line: 3, column: 12 } },
    variables: [{ name: 'TAG', value: '2', source: 'environment', used: 'value' }],
    written: 'new:${TAG}',
    overrode: [{ range: { file: '/p/0.yaml', start: { line: 3 } }, written: 'old', value: 'old' }],
  })
})
