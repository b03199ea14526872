import { expect, test } from 'vitest'
import { hostPlatform } from '../../oci/platform.ts'
import { parseDockerfile } from './dockerfile/parse.ts'
import { type Outline, outlineOf } from './outline.ts'
import { expanderAt } from './variables.ts'

/** The outline of the last stage, which needs all others. */
function outline(text: string, args: Readonly<Record<string, string>> = {}): Outline {
  const { dockerfile, escapeChar } = parseDockerfile(text, 'Dockerfile')
  const globals = new Map(
    dockerfile.globals.flatMap(({ assignments }) =>
      assignments.map(({ name, value }) => [name, args[name] ?? value] as const),
    ),
  )
  const stages = dockerfile.stages.map(stage => ({
    stage,
    image: expanderAt(stage.from.range, escapeChar, name => globals.get(name)).word(stage.from.image),
  }))
  const platform = hostPlatform()
  return outlineOf({
    stages,
    globals,
    escapeChar,
    globalArgs: dockerfile.globals,
    platforms: { build: platform, target: platform },
    options: { args } as Parameters<typeof outlineOf>[0]['options'],
    needed: stages.map((_, index) => index),
    target: stages.length - 1,
  })
}

test('arguments have the values that the build has, and the words of the comment that begins with their names', () => {
  const { args } = outline(
    `# GLOB is for all
ARG GLOB=g
ARG BASE=busybox
ARG UNUSED=u
FROM $BASE AS one
# not about A
ARG A
ARG B=$GLOB C="c and \${A:-none}"
# GLOB is taken from above
ARG GLOB
ARG TARGETARCH
FROM one
# Q is asked
ARG Q=1
ARG A=two
`,
    { A: 'given' },
  )
  const rows = args.map(({ line, name, value, description }) => [line, name, value, description])
  expect(rows).toEqual([
    [2, 'GLOB', 'g', 'is for all'],
    [3, 'BASE', 'busybox', undefined],
    [8, 'B', '', undefined],
    [8, 'C', 'c and given', undefined],
    [14, 'Q', '1', 'is asked'],
    [15, 'A', 'given', undefined],
  ])
})

test('secrets and agents count once, as they are first asked for', () => {
  const { name, description, secrets, agents } = outline(`FROM scratch AS base
RUN --mount=type=secret,id=s,required --mount=type=secret,target=/run/named --mount=type=ssh x
# last is built
FROM base AS last
RUN --mount=type=secret,id=s,env=S --mount=type=ssh,id=k,required=true --mount=type=cache,target=/c x
`)
  expect({ name, description }).toEqual({ name: 'last', description: 'is built' })
  expect(secrets).toEqual([
    { name: 's', isRequired: true, line: 2 },
    { name: 'named', isRequired: false, line: 2 },
  ])
  expect(agents).toEqual([
    { name: 'default', isRequired: false, line: 2 },
    { name: 'k', isRequired: true, line: 5 },
  ])
})
