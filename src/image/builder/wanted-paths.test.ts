import { afterEach, beforeEach, expect, test } from 'vitest'
import { parsePlatform } from '../../oci/platform.ts'
import { type Lab, makeLab } from '../testing/fakes.ts'
import type { NamedContext } from './context.ts'
import { parseDockerfile } from './dockerfile/parse.ts'
import type { BuildRun } from './run-state.ts'
import { WantedPaths } from './wanted-paths.ts'

let lab: Lab
beforeEach(async () => {
  lab = await makeLab()
})
afterEach(() => lab.remove())

/** What the stages of a Dockerfile, or those that are named, take of a context. */
function wanted(
  text: string,
  {
    name,
    needed,
    contexts = {},
  }: { name?: string; needed?: readonly number[]; contexts?: Record<string, NamedContext> } = {},
): Promise<readonly string[] | undefined> {
  const { stages } = parseDockerfile(text, 'Dockerfile').dockerfile
  const platform = parsePlatform('linux/amd64')
  const run = {
    options: { store: lab.store },
    stages: stages.map(stage => ({ stage, image: stage.from.image })),
    context: { contexts },
    platforms: { build: platform, target: platform },
    globals: new Map(),
  } as unknown as BuildRun
  const paths = new WantedPaths()
  paths.plan([{ run, needed: needed ?? stages.map((_, index) => index) }])
  return paths.of(name)
}

test.each([
  ['COPY a /', ['a']],
  ['COPY ["./a/", "b/../c", "d e", "/x/"]', ['a', 'c', 'd e']],
  ['COPY src/*.ts /', ['src/*.ts']],
  ['COPY --parents a/./b c/**/d /', ['a/b', 'c']],
  ['ADD https://example.com/x f /', ['f']],
  ['COPY <<E f /\nx\nE', ['f']],
  ['RUN --mount=type=bind,source=m,target=/m --mount=type=cache,target=/c x', ['m']],
  ['COPY a /\nRUN --mount=type=bind,source=m,target=/m --mount=type=cache,target=/c x', ['a', 'm']],
  ['COPY a /\nRUN --mount=target=/m x', undefined],
  ['COPY a /\nCOPY . /', undefined],
  ['COPY a /\nCOPY ../.. /', undefined],
  ['ARG V\nCOPY a$V b /', undefined],
  ['COPY a "b" /', undefined],
  ['COPY a /\nRUN --mount=type=bind,source=$V,target=/m x', undefined],
])('of the context, %j takes %j', async (instructions, paths) => {
  expect(await wanted(`FROM scratch\n${instructions}`)).toEqual(paths)
})

test('stages that nobody needs take nothing, and what a stage or context gives is none of it', async () => {
  const text = 'FROM scratch AS a\nCOPY a /\nFROM scratch AS b\nCOPY b /\nFROM scratch\nCOPY --from=b b /c'
  expect(await wanted(text)).toEqual(['a', 'b'])
  expect(await wanted(text, { needed: [1, 2] })).toEqual(['b'])
})

test('of a further context what is copied by its name, and all of it where a stage is made of it', async () => {
  const files = async (): Promise<never> => Promise.reject(new Error('not to be asked'))
  const contexts = { more: { files } }
  const text = 'FROM scratch\nCOPY a /\nCOPY --from=more x y/ /\nRUN --mount=from=more,source=z,target=/z x'
  expect(await wanted(text, { name: 'more', contexts })).toEqual(['x', 'y', 'z'])
  expect(await wanted('FROM more\nCOPY --from=more x /', { name: 'more', contexts })).toBeUndefined()
  expect(await wanted('FROM more\nCOPY a /', { contexts })).toEqual(['a'])
})

test('triggers of a base take something, too, and of one that is nowhere nothing is known', async () => {
  await lab.build('FROM scratch\nONBUILD COPY triggered /', { tags: ['base'] })
  expect(await wanted('FROM base\nCOPY a /')).toEqual(['a', 'triggered'])
  expect(await wanted('FROM scratch AS s\nONBUILD COPY later /\nFROM s\nCOPY a /')).toEqual(['a', 'later'])
  expect(await wanted('FROM nowhere\nCOPY a /')).toBeUndefined()
})
