import { expect, test } from 'vitest'
import { Failure } from '../../../diagnostics/index.ts'
import type { Instruction } from './instruction.ts'
import { parseDockerfile, parseTrigger } from './parse.ts'

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

test.each([
  'docker/dockerfile:1',
  'docker.io/docker/dockerfile-upstream:master-labs',
  'mirror.example:5000/dockerfile@sha256:00',
])('# syntax=%s asks for nothing and is not spoken of', image => {
  const { warnings } = parseDockerfile(`# syntax=${image}\nFROM scratch`, 'Dockerfile')
  expect(warnings).toEqual([])
})

test.each([
  'some/thing:1',
  'not-dockerfile',
  'docker/dockerfile/other',
])('# syntax=%s names a frontend that is not here', image => {
  expect(() => parseDockerfile(`# syntax=${image}\nFROM scratch`, 'Dockerfile')).toThrow(
    expect.objectContaining({
      diagnostics: [
        expect.objectContaining({
          code: 'DOCKERFILE_FRONTEND',
          range: expect.objectContaining({ start: { line: 1, column: 1 } }),
        }),
      ],
    }),
  )
})

test('# check= names rules that are not wanted, and may make findings errors', () => {
  const checkOf = (text: string): unknown => parseDockerfile(`${text}\nFROM scratch`, 'Dockerfile').check
  expect(checkOf('# check=skip=JSONArgsRecommended, StageNameCasing ;error=true')).toEqual({
    skip: ['jsonargsrecommended', 'stagenamecasing'],
    experimental: [],
    error: true,
  })
  expect(checkOf('#syntax=docker/dockerfile:1\n# Check = error=false')).toEqual({
    skip: [],
    experimental: [],
    error: false,
  })
  expect(checkOf('# a comment\n# check=error=true')).toEqual({ skip: [], experimental: [], error: false })
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

test.each([
  ['RNU', 'RUN'],
  ['RUNN', 'RUN'],
  ['CPOY', 'COPY'],
  ['ENTRYPOIN', 'ENTRYPOINT'],
  ['WORKDIRECTORY', 'WORKDIR'],
])('%s is most likely meant to be %s', (written, meant) => {
  expect(() => parseDockerfile(`FROM a\n${written} x`, 'Dockerfile')).toThrow(
    expect.objectContaining({
      diagnostics: [expect.objectContaining({ hint: `did you mean ${meant}?` })],
    }),
  )
})

test('every problem of the file is reported, each with its line', () => {
  expect(
    problemsOf('FROM a b\nRUNN x\nCOPY a\nSHELL bash\nCMD [1]\nHEALTHCHECK foo\nCOPY --bad=1 a b'),
  ).toEqual([
    { code: 'DOCKERFILE_FROM', line: 1 },
    { code: 'DOCKERFILE_INSTRUCTION', line: 2 },
    { code: 'DOCKERFILE_ARGUMENTS', line: 3 },
    { code: 'DOCKERFILE_SHELL', line: 4 },
    { code: 'DOCKERFILE_ARGUMENTS', line: 5 },
    { code: 'DOCKERFILE_HEALTHCHECK', line: 6 },
    { code: 'DOCKERFILE_FLAG', line: 7 },
  ])
})

test.each([
  ['', 'DOCKERFILE_NO_FROM'],
  ['RUN x\nFROM scratch', 'DOCKERFILE_NO_FROM'],
  ['FROM a\nRUN <<EOF\nx', 'DOCKERFILE_HEREDOC'],
  ['FROM a\nENV', 'DOCKERFILE_ARGUMENTS'],
  ['FROM a\nONBUILD FROM b', 'DOCKERFILE_ONBUILD'],
  ['FROM a\nRUN --mount=type=tmpfs,bad=1 x', 'DOCKERFILE_MOUNT'],
  ['FROM a\nRUN --network=bridge x', 'DOCKERFILE_FLAG'],
  ['FROM a\nHEALTHCHECK --interval=5 CMD x', 'DOCKERFILE_HEALTHCHECK'],
  ['# escape=x\nFROM a', 'DOCKERFILE_DIRECTIVE'],
  ['# check=skip=all\n# check=skip=all\nFROM a', 'DOCKERFILE_DIRECTIVE'],
  ['# check=skipp=all\nFROM a', 'DOCKERFILE_DIRECTIVE'],
  [`FROM a\nRUN ${'x'.repeat(65_532)}`, 'DOCKERFILE_LINE_TOO_LONG'],
  ['FROM a\nCOPY --from=$X a b', 'DOCKERFILE_FLAG'],
  ['FROM a\nCOPY --link=bad a b', 'DOCKERFILE_FLAG'],
  ['FROM a\nCOPY --LINK a b', 'DOCKERFILE_FLAG'],
  ['FROM a\nCOPY --chmod a b', 'DOCKERFILE_FLAG'],
  ['FROM a\nCOPY --chmod=1 --chmod=2 a b', 'DOCKERFILE_FLAG'],
  ['FROM a\nCOPY --checksum=x a b', 'DOCKERFILE_FLAG'],
  ['FROM a\nCOPY a <<EOF\nEOF', 'DOCKERFILE_ARGUMENTS'],
  ['FROM a\nRUN --security=none x', 'DOCKERFILE_FLAG'],
  ['FROM a\nRUN --network=$N x', 'DOCKERFILE_FLAG'],
  ['FROM a\nRUN --mount=target=/x,rw=abc x', 'DOCKERFILE_MOUNT'],
  ['FROM a\nRUN --mount=from=$X,target=/x x', 'DOCKERFILE_MOUNT'],
  ['FROM a\nHEALTHCHECK --interval=100us CMD x', 'DOCKERFILE_HEALTHCHECK'],
  ['FROM a\nHEALTHCHECK --retries=-1 CMD x', 'DOCKERFILE_HEALTHCHECK'],
  ['FROM a\nHEALTHCHECK NONE x', 'DOCKERFILE_HEALTHCHECK'],
  ['FROM a\nVOLUME [""]', 'DOCKERFILE_VOLUME'],
  ['FROM a\nSHELL []', 'DOCKERFILE_SHELL'],
  ['FROM a\nCMD ["a", null]', 'DOCKERFILE_ARGUMENTS'],
  ['FROM a\nLABEL =x', 'DOCKERFILE_ARGUMENTS'],
  ['FROM a AS b c', 'DOCKERFILE_FROM'],
  ['FROM a AS 1b', 'DOCKERFILE_STAGE_NAME'],
  ['FROM a\nONBUILD ONBUILD RUN x', 'DOCKERFILE_ONBUILD'],
])('%j is refused', (text, code) => {
  expect(problemsOf(text).map(problem => problem.code)).toContain(code)
})

test('flags lose their quotes, and a bare switch is on', () => {
  expect(
    stageOf(
      `COPY --exclude="*.a b" --exclude='c' --link --parents=False --chmod= a /\nADD --checksum=sha256:0 --keep-git-dir=true --unpack=false b /\nRUN --mount='type=tmpfs,"target=/a b"' --security=insecure --device=x --device=y z\nRUN -- --x`,
    ),
  ).toMatchObject([
    { exclude: ['*.a b', 'c'], link: true, parents: false, sources: ['a'] },
    { checksum: 'sha256:0', keepGitDir: true, unpack: false },
    { mounts: ['type=tmpfs,"target=/a b"'], insecure: true, devices: ['x', 'y'] },
    { command: { line: '--x' } },
  ])
})

test('empty commands are commands', () => {
  expect(stageOf('RUN\nCMD\nENTRYPOINT []\nCMD [ ]')).toMatchObject([
    { command: { form: 'shell', line: '' } },
    { command: { form: 'shell', line: '' } },
    { command: { form: 'exec', argv: [] } },
    { command: { form: 'exec', argv: [] } },
  ])
})

test('the names of heredocs are read as a shell reads them', () => {
  const [copy] = stageOf(
    'COPY <<E-F <<1 <<E"O"F <<-\'a.b\' <<E\\OG <<$A"$B" << F\\\'G /d/\n1\nE-F\n2\n1\n3\nEOF\n\t4\n\ta.b\n5\nEOG\n6\n$A$B\n7\nF\'G\n',
  )
  expect(copy).toMatchObject({
    heredocs: [
      { name: 'E-F', content: '1\n', expand: true },
      { name: '1', content: '2\n', expand: true },
      { name: 'EOF', content: '3\n', expand: false },
      { name: 'a.b', content: '4\n', expand: false },
      { name: 'EOG', content: '5\n', expand: true },
      { name: '$A$B', content: '6\n', expand: false },
      { name: "F'G", content: '7\n', expand: true },
    ],
  })
})

test('what only looks like a heredoc is none', () => {
  expect(
    stageOf('RUN echo $((1<<2)) "<<A"\nCOPY ["<<B", "/x"]\nRUN a <<< b\nENV x=<<C\nCMD x'),
  ).toMatchObject([
    { command: { line: 'echo $((1<<2)) "<<A"' } },
    { sources: ['<<B'], heredocs: [] },
    { command: { line: 'a <<< b' } },
    { assignments: [{ value: '<<C' }] },
    { keyword: 'CMD' },
  ])
})

test('two heredocs, or one with a command, go to the shell as they are', () => {
  const [two, numbered] = stageOf('RUN <<A <<B\necho a\nA\necho b\nB\nRUN 3<<EOF\nx\nEOF')
  expect(two).toMatchObject({ command: { form: 'shell', line: '<<A <<B\necho a\nA\necho b\nB' } })
  expect(two).not.toHaveProperty('script')
  expect(numbered).toMatchObject({ script: 'x\n' })
})

test('the heredocs of a trigger are its own, and a trigger that cannot be read is a warning', () => {
  const text = 'FROM scratch\nONBUILD copy <<EOF /a\nRUN $x\nEOF\nONBUILD FOO x\nRUN y'
  const { dockerfile, warnings } = parseDockerfile(text, 'Dockerfile')
  expect(dockerfile.stages[0]?.instructions).toMatchObject([
    { keyword: 'ONBUILD', trigger: 'copy <<EOF /a\nRUN $x\nEOF', instruction: { keyword: 'COPY' } },
    { keyword: 'ONBUILD', trigger: 'FOO x' },
    { keyword: 'RUN' },
  ])
  expect(warnings).toMatchObject([{ code: 'DOCKERFILE_INSTRUCTION', range: { start: { line: 5 } } }])
  expect(parseTrigger('copy <<EOF /a\nRUN $x\nEOF', 'base')).toMatchObject({
    keyword: 'COPY',
    heredocs: [{ content: 'RUN $x\n' }],
  })
})

test('lines may end as on Windows, and the content of a heredoc keeps what it has', () => {
  const [run, copy] = stageOf('RUN a \\\r\n  b\r\nCOPY <<EOF /\r\nx\r\nEOF\r\n')
  expect(run).toMatchObject({ command: { line: 'a   b' } })
  expect(copy).toMatchObject({ heredocs: [{ content: 'x\r\n' }] })
})

test('EXPOSE and VOLUME split at white space alone, ARG and ENV heed quotes', () => {
  expect(stageOf('VOLUME "/a b"\nARG a "b c"=1 d=\nENV a= b=\'x y\'')).toMatchObject([
    { values: ['"/a', 'b"'] },
    { assignments: [{ name: 'a' }, { name: '"b c"', value: '1' }, { name: 'd', value: '' }] },
    {
      assignments: [
        { name: 'a', value: '' },
        { name: 'b', value: "'x y'" },
      ],
    },
  ])
})

test('a stage may have the name of another', () => {
  const { dockerfile } = parseDockerfile('FROM a AS x\nFROM b AS X', 'Dockerfile')
  expect(dockerfile.stages.map(({ name }) => name)).toEqual(['x', 'x'])
})
