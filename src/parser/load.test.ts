import { describe, expect, test } from 'vitest'
import type { ComposeModel } from '../model/index.ts'
import type { LoadInput, LoadResult } from './contract.ts'
import { load } from './load.ts'
import { printable } from './shape/render.ts'

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

describe('what this engine has beyond Compose', () => {
  test('a budget with a wrong sign is refused, and what is left empty without an advice on indentation', () => {
    const limits = 'services: {a: {image: x}}\nx-tscompose: {limits: '
    expect(codes(open(`${limits}{memory: 1g, cpus: 0.5, pids: 3}}`))).toEqual([])
    expect(codes(open(`${limits}{cpus: -1}}`))).toEqual(['INVALID_VALUE'])
    expect(codes(open(`${limits}{cpus: 0}}`))).toEqual(['INVALID_VALUE'])
    expect(codes(open(`${limits}{pids: -3}}`))).toEqual(['INVALID_VALUE'])
    expect(codes(open(`${limits}{memory: -5m}}`))).toEqual(['INVALID_TYPE'])
    const { diagnostics } = open('services: {a: {image: x, x-tscompose: {bind_owner: }}}')
    expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
      ['INVALID_TYPE', 'give it a value or remove the key'],
    ])
  })

  test('a probe by log wants a log', () => {
    const service = (driver: string): string =>
      `services: {a: {image: x, logging: {driver: ${driver}}, x-tscompose: {probe: {log: ready}}}}`
    expect(codes(open(service('local')))).toEqual([])
    expect(codes(open(service('none')))).toEqual(['CONFLICTING_ATTRIBUTES'])
  })
})

describe('what Docker Compose makes of odd values', () => {
  test('a float as text looks as Go prints it', () => {
    const text =
      'services: {a: {image: x, environment: {A: 1e6, B: 1234567.0, C: 100000000.0, D: 5.0, E: -0.0, F: 1e20, G: 1000000}}}'
    expect(service(open(text))['environment']).toEqual({
      A: '1e+06',
      B: '1.234567e+06',
      C: '1e+08',
      D: '5',
      E: '-0',
      F: '1e+20',
      G: '1000000',
    })
  })

  test('version is a string, though it is ignored', () => {
    expect(codes(open('version: 3.8\nservices: {a: {image: x}}'))).toEqual(['INVALID_TYPE'])
    expect(codes(open('version: "3.8"\nservices: {a: {image: x}}'))).toEqual([])
  })

  test('a name that variables leave blank is refused', () => {
    const input = {
      projectName: '',
      files: [{ name: '/p/c', text: 'name: ${N}\nservices: {a: {image: x}}' }],
    }
    expect(codes(load({ ...input, workingDir: '/p', env: {} }))).toEqual(['INVALID_PROJECT_NAME'])
  })

  test('a blank network_mode joins no network, a blank profile is active where none is asked for', () => {
    const model = open('services: {a: {image: x, network_mode: "${N}"}, b: {image: x, profiles: ["${N}"]}}')
      .project?.model
    expect(model?.services['a']).not.toHaveProperty('networks')
    expect(Object.keys(model?.services ?? {})).toEqual(['a', 'b'])
  })

  test('a blank build context is no path', () => {
    expect(service(open('services: {a: {build: "${N}"}}'))['build']).toEqual({ dockerfile: 'Dockerfile' })
  })

  test('an env file sees the variables of those before it, a label file sees its own alone', () => {
    const disk = { '/p/a': 'A=1\n', '/p/b': 'B=${A}${OUT}\n', '/p/l': 'x=1\ny=${x}${OUT}\n' }
    const text = 'services: {a: {image: x, env_file: [a, b], label_file: l}}'
    const { environment, labels } = service(open(text, { disk, env: { OUT: 'out' } }))
    expect(environment).toEqual({ A: '1', B: '1out' })
    expect(labels).toEqual({ x: '1', y: '1' })
  })

  test('a secret of an included file may come from a variable', () => {
    const disk = { '/p/i': 'services: {i: {image: x, secrets: [s]}}\nsecrets: {s: {environment: E}}' }
    expect(codes(open('include: [i]', { disk, env: { E: 'e' } }))).toEqual([])
  })

  test('a selection forgets dependencies that are optional and not enabled', () => {
    const text =
      'services: {a: {image: x, depends_on: {b: {condition: service_started, required: false}}}, b: {image: x, profiles: [p]}}'
    expect(service(open(text))).toHaveProperty('depends_on')
    expect(service(open(text, { services: ['a'] }))).not.toHaveProperty('depends_on')
  })

  test('a secret comes from a file or a variable, whatever its driver', () => {
    const text = (secret: string): string =>
      `services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {${secret}}}`
    expect(codes(open(text('driver: d')))).toEqual(['NO_SOURCE'])
    expect(codes(open(text('environment: ""')))).toEqual(['NO_SOURCE'])
    expect(codes(open(text('environment: E')))).toEqual([])
  })

  test('extensions beside networks and volumes are no networks and volumes', () => {
    const model = open('services: {a: {image: x}}\nnetworks: {x-n: {}}\nvolumes: {x-v: {}}').project?.model
    expect(Object.keys(model?.networks ?? {})).toEqual(['default'])
    expect(model?.volumes).toBeUndefined()
  })
})

describe('what the fuzz run found', () => {
  // To compare each port with each other would take minutes, far past the limit of a test.
  test('all ports of a machine are read, twice', { timeout: 60_000 }, () => {
    const disk = { '/p/i': 'services: {a: {image: x, ports: ["1-65535:1-65535"]}}' }
    expect(service(open('include: [i]\nservices: {a: {tty: true}}', { disk }))['ports']).toHaveLength(65_535)
  })

  test('a chain of thousands of extends is refused, one of hundreds is not', () => {
    const chain = (length: number): string =>
      `services:\n${Array.from({ length }, (_, at) => `  s${at}: {extends: s${at + 1}}\n`).join('')}  s${length}: {image: x}\n`
    expect(codes(open(chain(3000)))).toContain('EXTENDS_TOO_DEEP')
    expect(codes(open(chain(400)))).toEqual([])
  })
})

describe('merging', () => {
  test('pools of a subnet merge, pools that the override does not name go', () => {
    const network = (pools: string): string =>
      `services: {a: {image: x, networks: [n]}}\nnetworks: {n: {ipam: {config: [${pools}]}}}`
    const base = network('{subnet: 10.0.0.0/24}, {subnet: 10.1.0.0/24}')
    const result = open([base, network('{subnet: 10.0.0.0/24, gateway: 10.0.0.1}')])
    expect(result.project?.model.networks?.['n']?.ipam?.config).toEqual([
      { subnet: '10.0.0.0/24', gateway: '10.0.0.1' },
    ])
  })

  test('extensions merge like everything else, labels of networks by key', () => {
    const file = (text: string): string =>
      `${text}\nservices: {a: {image: x, networks: [n]}}\nnetworks: {n: {labels: {a: b}}}`
    const result = open([file('x-a: {a: 1}'), file('x-a: {b: 2}')])
    expect(codes(result)).toEqual([])
    expect(result.project?.model).toMatchObject({
      'x-a': { a: 1, b: 2 },
      networks: { n: { labels: { a: 'b' } } },
    })
    expect(codes(open([file('x-a: {a: 1}'), file('x-a: 1')]))).toEqual(['MERGE_CONFLICT'])
  })

  test('what an extended service resets for itself is not reset in the other one', () => {
    const text = 'services: {a: {image: x, extends: b, ports: [80]}, b: {image: x, ports: !reset []}}'
    expect(service(open(text))['ports']).toHaveLength(1)
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

describe('what Docker Compose prints otherwise than one would', () => {
  const model = (text: string): ComposeModel => {
    const result = load({
      files: [{ name: '/p/compose.yaml', text }],
      workingDir: '/p',
      env: {},
      readFile: path => (path === '/p/other.yaml' ? 'services: {base: null, full: {user: u}}' : undefined),
    })
    if (result.project === undefined) throw new Error(JSON.stringify(result.diagnostics))
    return result.project.model
  }

  test('extends stays where it names an empty service of another file', () => {
    const extending = (service: string): unknown =>
      model(`services: {a: {image: x, extends: {file: other.yaml, service: ${service}}}}`).services['a']
    expect(extending('base')).toHaveProperty('extends', { file: '/p/other.yaml', service: 'base' })
    expect(extending('full')).not.toHaveProperty('extends')
    expect(
      model('services: {base: {image: y}, a: {image: x, extends: base}}').services['a'],
    ).not.toHaveProperty('extends')
  })

  test('an empty list of an extension is null in JSON', () => {
    const text = 'services: {a: {image: x, command: []}}\nx-a: []\nx-b: {c: [[], 1], d: {}}\n'
    expect(printable(model(text), 'json')).toMatchObject({
      'x-a': null,
      'x-b': { c: [null, 1], d: {} },
      services: { a: { command: [] } },
    })
    expect(printable(model(text), 'yaml')).toMatchObject({ 'x-a': [], 'x-b': { c: [[], 1], d: {} } })
  })
})
