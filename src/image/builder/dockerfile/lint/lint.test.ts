import { expect, test } from 'vitest'
import { parseDockerfile } from '../parse.ts'
import { lintDockerfile } from './lint.ts'
import type { BaseFacts } from './rule.ts'
import { RULES } from './rules/index.ts'

const BUSYBOX: BaseFacts = { env: ['HOME=/root'], workingDir: '', hasShell: false, platform: 'linux/amd64' }
const BASES: Readonly<Record<string, BaseFacts>> = {
  busybox: BUSYBOX,
  shell: { ...BUSYBOX, hasShell: true, workingDir: '/app' },
}

/** Rule and line of all that is found. */
function found(text: string, given: Readonly<Record<string, string>> = {}): string[] {
  const { dockerfile, escapeChar, check } = parseDockerfile(text, 'Dockerfile')
  const findings = lintDockerfile(
    {
      dockerfile,
      escapeChar,
      given,
      platformArgs: new Map([
        ['TARGETPLATFORM', 'linux/amd64'],
        ['BUILDPLATFORM', 'linux/amd64'],
      ]),
      platform: 'linux/amd64',
      baseOf: image => BASES[image],
      isNeeded: () => true,
      isIgnored: path => path === 'ignored',
    },
    check,
  )
  return findings.map(({ code, range }) => `${code} ${range?.start.line}`)
}

const CASES: readonly (readonly [text: string, ...findings: string[]])[] = [
  ['FROM busybox AS a\nCMD ["x"]'],
  ['FROM scratch AS Build', 'StageNameCasing 1'],
  ['FROM scratch as build', 'FromAsCasing 1'],
  ['from scratch AS build', 'FromAsCasing 1'],
  ['FROM scratch\nLABEL a=1 \\\n\n  b=2', 'NoEmptyContinuation 4'],
  ['FROM scratch\nLABEL a=1 \\\n# b\n  c=2'],
  ['FROM scratch\ncopy a b\nCopy a b', 'ConsistentInstructionCasing 2', 'ConsistentInstructionCasing 3'],
  ['from scratch\ncopy a b\nENV a=b', 'ConsistentInstructionCasing 3'],
  ['FROM scratch AS a\nFROM scratch AS a', 'DuplicateStageName 2'],
  ['FROM scratch AS scratch\nFROM busybox AS context', 'ReservedStageName 1', 'ReservedStageName 2'],
  ['FROM busybox\nCMD a\nENTRYPOINT b', 'JSONArgsRecommended 2', 'JSONArgsRecommended 3'],
  ['FROM busybox AS a\nSHELL ["b"]\nCMD a\nFROM a\nCMD b'],
  ['FROM shell\nCMD a'],
  ['FROM busybox\nMAINTAINER me', 'MaintainerDeprecated 2'],
  ['ARG X=a\nFROM $X\nFROM --platform=$P busybox', 'UndefinedArgInFrom 3'],
  ['FROM $Y', 'InvalidDefaultArgInFrom 1', 'UndefinedArgInFrom 1'],
  ['ARG T\nFROM busybox:$T', 'InvalidDefaultArgInFrom 2'],
  ['ARG T=1\nFROM busybox:$T'],
  ['FROM scratch\nWORKDIR a\nWORKDIR b', 'WorkdirRelativePath 2'],
  ['FROM busybox AS a\nWORKDIR /a\nFROM a\nWORKDIR b'],
  ['FROM shell\nWORKDIR b'],
  ['FROM busybox\nENV D=/x\nWORKDIR $D'],
  ['FROM busybox\nCOPY $a ${b:-x} /', 'UndefinedVar 2', 'UndefinedVar 2'],
  ['FROM busybox\nENV PATH=$PATH:/x H=$HOME\nENV A=$A', 'UndefinedVar 3'],
  ['FROM busybox AS a\nARG V\nENV W=$V\nFROM a\nLABEL w=$W v=$V\nCMD [$X]', 'JSONArgsRecommended 6'],
  ['FROM unknown\nCOPY $a /'],
  ["FROM busybox\nCOPY <<A <<'B' /\n$a\nA\n$b\nB", 'UndefinedVar 2'],
  ['FROM busybox\nRUN --mount=target=$T echo $X', 'UndefinedVar 2'],
  [
    'FROM busybox\nCMD ["a"]\nCMD ["b"]\nHEALTHCHECK NONE\nHEALTHCHECK CMD x',
    'MultipleInstructionsDisallowed 2',
    'MultipleInstructionsDisallowed 4',
  ],
  ['FROM busybox AS a\nCMD ["a"]\nFROM a\nCMD ["b"]'],
  ['FROM busybox\nENV a b\nLABEL c d\nENV e=f', 'LegacyKeyValueFormat 2', 'LegacyKeyValueFormat 3'],
  ['FROM --platform=${TARGETPLATFORM} busybox', 'RedundantTargetPlatform 1'],
  ['FROM --platform=$BUILDPLATFORM busybox'],
  [
    'ARG AUTH\nFROM busybox\nENV MY_PASSWORD=1 KEYBOARD=2 PUBLIC_KEY=3\nARG x_token',
    'SecretsUsedInArgOrEnv 1',
    'SecretsUsedInArgOrEnv 3',
    'SecretsUsedInArgOrEnv 4',
  ],
  ['FROM --platform=linux/arm64 busybox', 'FromPlatformFlagConstDisallowed 1', 'InvalidBaseImagePlatform 1'],
  [
    '# check=experimental=all\nFROM busybox\nCOPY ignored ./ignored/ other /',
    'CopyIgnoredFile 3',
    'CopyIgnoredFile 3',
  ],
  ['# check=experimental=CopyIgnoredFile\n# a comment\nFROM busybox AS b\nCOPY --from=b ignored /x'],
  [
    '# check=experimental=InvalidDefinitionDescription\n# v is it\nARG v\n# wrong\nFROM busybox AS b\n# free\n\nFROM b AS c',
    'InvalidDefinitionDescription 5',
  ],
  ['FROM busybox\nARG P=80/TCP\nEXPOSE $P 81/udp 82:83', 'ExposeInvalidFormat 3', 'ExposeProtoCasing 3'],
  ['# check=skip=JSONArgsRecommended,maintainerdeprecated\nFROM busybox\nCMD a\nMAINTAINER b'],
  ['# check=skip=all\nFROM busybox\nCMD a'],
]

test.each(CASES)('%j', (text, ...findings) => {
  expect(found(text)).toEqual(findings)
})

test('a build argument sets what FROM uses', () => {
  expect(found('ARG T\nFROM $T\nLABEL h=$HOME x=$X', { T: 'busybox' })).toEqual([
    'InvalidDefaultArgInFrom 2',
    'UndefinedVar 3',
  ])
})

test('every rule has a case that finds something', () => {
  const covered = new Set(CASES.flatMap(([, ...findings]) => findings.map(each => each.split(' ')[0])))
  expect(RULES.map(({ name }) => name).filter(name => !covered.has(name))).toEqual([])
})

test('what is meant is said where a name is close', () => {
  const { dockerfile, escapeChar, check } = parseDockerfile('FROM scratch\nENV A=$PAHT', 'Dockerfile')
  const [finding] = lintDockerfile(
    {
      dockerfile,
      escapeChar,
      given: {},
      platformArgs: new Map(),
      platform: '',
      baseOf: () => undefined,
      isNeeded: () => true,
      isIgnored: () => false,
    },
    check,
  )
  expect(finding).toMatchObject({ severity: 'warning', code: 'UndefinedVar', hint: 'did you mean $PATH?' })
})
