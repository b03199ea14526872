import { expect, test } from 'vitest'
import { Failure } from '../../../diagnostics/index.ts'
import type { Instruction } from './instruction.ts'
import { parseDockerfile } from './parse.ts'

function stageOf(text: string): readonly Instruction[] {
  return parseDockerfile(`FROM scratch\n${text}`, 'Dockerfile').dockerfile.stages[0]?.instructions ?? []
}

function problemsOf(text: string): readonly { code: string; line: number | undefined }[] {
  try {
    parseDockerfile(text, 'Dockerfile')
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.diagnostics.map(({ code, range }) => ({ code, line: range?.start.line }))
  }
  return []
}

test('continuations join, and comments and empty lines inside them are dropped', () => {
  const [run] = stageOf('RUN a \\\n  # a comment\n\n && b \\  \n && c\nCMD d')
  expect(run).toMatchObject({ keyword: 'RUN', command: { form: 'shell', line: 'a  && b  && c' } })
  expect(run?.range).toMatchObject({ start: { line: 2, column: 1 }, end: { line: 6 } })
})

test('the escape directive changes the continuation', () => {
  const { dockerfile, escapeChar } = parseDockerfile('# escape=`\nFROM scratch\nRUN a `\n b', 'Dockerfile')
  expect(escapeChar).toBe('`')
  expect(dockerfile.stages[0]?.instructions[0]).toMatchObject({ command: { line: 'a  b' } })
})

test('# syntax= is ignored with a note', () => {
  const { warnings } = parseDockerfile('# syntax=docker/dockerfile:1\nFROM scratch', 'Dockerfile')
  expect(warnings.map(warning => warning.code)).toEqual(['DOCKERFILE_SYNTAX_IGNORED'])
})

test('stages, their names in lower case, and ARGs before the first', () => {
  const { dockerfile } = parseDockerfile(
    'ARG V=1\nFROM --platform=linux/amd64 debian:$V AS Build\nfrom build\nRUN x',
    'Dockerfile',
  )
  expect(dockerfile.globals[0]?.assignments).toEqual([{ name: 'V', value: '1' }])
  expect(dockerfile.stages).toMatchObject([
    { index: 0, name: 'build', from: { image: 'debian:$V', platform: 'linux/amd64' } },
    { index: 1, from: { image: 'build' }, instructions: [{ keyword: 'RUN' }] },
  ])
})

test('JSON and shell forms of commands', () => {
  expect(stageOf('CMD ["a", "b"]\nENTRYPOINT a "b"\nRUN [ "x" ]\nRUN [ -f y ]')).toMatchObject([
    { keyword: 'CMD', command: { form: 'exec', argv: ['a', 'b'] } },
    { keyword: 'ENTRYPOINT', command: { form: 'shell', line: 'a "b"' } },
    { keyword: 'RUN', command: { form: 'exec', argv: ['x'] } },
    { keyword: 'RUN', command: { form: 'shell', line: '[ -f y ]' } },
  ])
})

test('ENV and LABEL in both forms', () => {
  expect(stageOf('ENV a=1 b="2 3" c=d\\ e\nENV old the rest of it\nLABEL "x.y"=z')).toMatchObject([
    {
      assignments: [
        { name: 'a', value: '1' },
        { name: 'b', value: '"2 3"' },
        { name: 'c', value: 'd\\ e' },
      ],
    },
    { assignments: [{ name: 'old', value: 'the rest of it' }] },
    { assignments: [{ name: '"x.y"', value: 'z' }] },
  ])
})

test('flags, sources and destination of COPY', () => {
  expect(stageOf('COPY --from=build --chown=1:2 --chmod=755 a b /c/\nADD ["a b", "/d"]')).toMatchObject([
    { keyword: 'COPY', from: 'build', chown: '1:2', chmod: '755', sources: ['a', 'b'], destination: '/c/' },
    { keyword: 'ADD', sources: ['a b'], destination: '/d' },
  ])
})

test('RUN mounts and network', () => {
  expect(
    stageOf('RUN --mount=type=cache,target=/x --mount=type=tmpfs,target=/y --network=none cmd'),
  ).toMatchObject([
    { mounts: ['type=cache,target=/x', 'type=tmpfs,target=/y'], network: 'none', command: { line: 'cmd' } },
  ])
})

test('a heredoc alone is a script, one within a command goes to the shell', () => {
  const [script, line] = stageOf("RUN <<EOF\nset -e\necho $x\nEOF\nRUN cat <<-'E' > /f\n\ta\n\tE\nCMD x")
  expect(script).toMatchObject({ script: 'set -e\necho $x\n' })
  expect(line).toMatchObject({ command: { form: 'shell', line: "cat <<-'E' > /f\na\nE" } })
})

test('COPY takes heredocs as files', () => {
  const [copy] = stageOf('COPY <<a.txt <<"b" /dir/\nhi $x\na.txt\nraw $x\nb\n')
  expect(copy).toMatchObject({
    sources: [],
    destination: '/dir/',
    heredocs: [
      { name: 'a.txt', content: 'hi $x\n', expand: true },
      { name: 'b', content: 'raw $x\n', expand: false },
    ],
  })
})

test('HEALTHCHECK, SHELL, VOLUME, EXPOSE, ONBUILD', () => {
  expect(
    stageOf(
      'HEALTHCHECK --interval=5s CMD curl x\nHEALTHCHECK NONE\nSHELL ["bash","-c"]\nVOLUME /a /b\nVOLUME ["/c d"]\nEXPOSE 80 443/udp\nONBUILD RUN x',
    ),
  ).toMatchObject([
    { health: { Test: ['CMD-SHELL', 'curl x'], Interval: 5e9 } },
    { health: { Test: ['NONE'] } },
    { argv: ['bash', '-c'] },
    { values: ['/a', '/b'] },
    { values: ['/c d'] },
    { values: ['80', '443/udp'] },
    { keyword: 'ONBUILD', trigger: 'RUN x' },
  ])
})

test('every problem of the file is reported, each with its line', () => {
  expect(
    problemsOf('FROM a b\nRUNN x\nCOPY a\nSHELL bash\nADD https://x /y\nHEALTHCHECK foo\nCOPY --bad=1 a b'),
  ).toEqual([
    { code: 'DOCKERFILE_FROM', line: 1 },
    { code: 'DOCKERFILE_INSTRUCTION', line: 2 },
    { code: 'DOCKERFILE_ARGUMENTS', line: 3 },
    { code: 'DOCKERFILE_SHELL', line: 4 },
    { code: 'DOCKERFILE_UNSUPPORTED', line: 5 },
    { code: 'DOCKERFILE_HEALTHCHECK', line: 6 },
    { code: 'DOCKERFILE_FLAG', line: 7 },
  ])
})

test.each([
  ['', 'DOCKERFILE_NO_FROM'],
  ['RUN x\nFROM scratch', 'DOCKERFILE_NO_FROM'],
  ['FROM a AS x\nFROM b AS X', 'DOCKERFILE_STAGE_NAME'],
  ['FROM a\nRUN <<EOF\nx', 'DOCKERFILE_HEREDOC'],
  ['FROM a\nRUN', 'DOCKERFILE_ARGUMENTS'],
  ['FROM a\nONBUILD FROM b', 'DOCKERFILE_ONBUILD'],
  ['FROM a\nRUN --mount=type=ssh x', 'DOCKERFILE_MOUNT'],
  ['FROM a\nRUN --mount=type=tmpfs,bad=1 x', 'DOCKERFILE_MOUNT'],
  ['FROM a\nRUN --network=bridge x', 'DOCKERFILE_FLAG'],
  ['FROM a\nHEALTHCHECK --interval=5 CMD x', 'DOCKERFILE_HEALTHCHECK'],
  ['# escape=x\nFROM a', 'DOCKERFILE_DIRECTIVE'],
])('%j is refused', (text, code) => {
  expect(problemsOf(text).map(problem => problem.code)).toContain(code)
})
