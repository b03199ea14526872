import type { Diagnostic, Range } from '../diagnostics/index.ts'
import { type Path, type Project, renderPath } from '../model/index.ts'
import { isBelow, isIgnored, isIgnoredText, type Mark, marksOf } from './marks.ts'
import type { Finding, LintContext, RuleWords } from './rule.ts'
import { RULES } from './rules/index.ts'

/** A warning that the loader itself gives whenever it reads a file; `lint` repeats it, and it can be ignored like a rule. */
interface LoaderWarning {
  readonly code: string
  readonly about: string
}

/** All warnings of the loader; a test compares this list with its sources. */
export const LOADER_WARNINGS: readonly LoaderWarning[] = [
  {
    code: 'COMMAND_CUT',
    about: 'A command as one text has shell syntax, and no shell runs it: the rest is dropped',
  },
  { code: 'DEPRECATED', about: 'An attribute is written in an old form' },
  { code: 'OBSOLETE_VERSION', about: 'The file has version:, which is ignored' },
  {
    code: 'SEVERAL_COMPOSE_FILES',
    about: 'Several Compose files are in the folder, and one of them is used',
  },
  { code: 'UNSET_VARIABLE', about: 'A variable is not set, and a blank text is used' },
  { code: 'YAML_11_BOOLEAN', about: 'A boolean is written as yes, on, y … which other tools read as a text' },
]

/** What requests of containers are made without. */
const IN_VAIN: LoaderWarning = {
  code: 'ATTRIBUTE_NOT_APPLIED',
  about: 'An attribute has no effect here',
}

/** What this machine lacks of what the file names: an error where it runs, and a warning where it is only looked at. */
const MISSING_HERE: readonly LoaderWarning[] = [
  {
    code: 'BIND_SOURCE_NOT_FOUND',
    about: 'A bind forbids to make its source, which is not on this machine',
  },
  { code: 'BUILD_CONTEXT_NOT_FOUND', about: 'A build context is not on this machine' },
  { code: 'DEVICE_NOT_FOUND', about: 'A device is not on this machine' },
  { code: 'DOCKERFILE_NOT_FOUND', about: 'A Dockerfile is not on this machine' },
  { code: 'FILE_WITHOUT_CONTENT', about: 'A secret or config is a variable that is not set here' },
  { code: 'SECCOMP_PROFILE_UNREADABLE', about: 'A seccomp profile is not on this machine' },
  { code: 'SECRET_FILE_NOT_FOUND', about: 'The file of a secret or config is not on this machine' },
  { code: 'VOLUME_DEVICE', about: 'The folder of a volume is not on this machine' },
]

/** What to leave out, and what the loader knows beside the project. */
export interface LintOptions {
  /** Findings in these services alone; absent or empty: all, and what is at the top level. */
  readonly services?: readonly string[]
  /** Codes to leave out, beside those of `x-lint`. */
  readonly ignore?: readonly string[]
  /** Texts of the files by name, `LoadResult.sources`: rules that compare with what was written need them. */
  readonly sources?: ReadonlyMap<string, string>
  /** `LoadResult.diagnostics`: the warnings among them are filtered like findings and put in their places. */
  readonly diagnostics?: readonly Diagnostic[]
  /** What `up` will fail at, `foreseeProject`: what the file itself says wrong stays an error. */
  readonly foreseen?: readonly Diagnostic[]
}

/** Found while marks are read, so it needs no search of its own. */
const UNKNOWN_RULE: RuleWords = {
  code: 'UNKNOWN_RULE',
  severity: 'warning',
  about: 'x-lint has another form than {ignore: [CODE]}, or names a code that no rule has',
}

/** Everything that `lint` may say, the warnings of the loader included: what `ignore` may name. */
export const LINT_RULES: readonly RuleWords[] = [
  ...RULES,
  UNKNOWN_RULE,
  ...[...LOADER_WARNINGS, IN_VAIN, ...MISSING_HERE].map(warning => ({
    ...warning,
    severity: 'warning' as const,
  })),
]

/**
 * Looks in a project for what bites: warnings and notes with their places, in the order of the files. Networks, volumes
 * and the like that nobody uses are found only in a project that was loaded with `allResources`.
 */
export function lint(project: Project, options: LintOptions = {}): Diagnostic[] {
  const marks = marksOf(project)
  const context = contextOf(project, options)
  const found = RULES.flatMap(rule =>
    [...rule.find(context)]
      .filter(({ path }) => !isIgnored(marks, rule.code, path))
      .map(finding => toDiagnostic(rule, finding, context)),
  )
  const warnings = (options.diagnostics ?? [])
    .filter(({ severity }) => severity === 'warning')
    .filter(isLeft(marks))
  const foreseen = (options.foreseen ?? []).map(asSeenFromHere).filter(isLeft(marks))
  const wanted = [...warnings, ...foreseen, ...found, ...wrongMarks(marks, context)].filter(
    ({ path, code }) => !options.ignore?.includes(code) && isWanted(path, options.services ?? []),
  )
  return inOrder(withoutDoubles(wanted), project)
}

function isLeft(marks: readonly Mark[]): (found: Diagnostic) => boolean {
  return ({ code, path }) => !isIgnoredText(marks, code, path)
}

function asSeenFromHere(problem: Diagnostic): Diagnostic {
  const isOfHere = MISSING_HERE.some(({ code }) => code === problem.code)
  return isOfHere ? { ...problem, severity: 'warning' } : problem
}

function contextOf(project: Project, { sources }: LintOptions): LintContext {
  const linesByFile = new Map<string, readonly string[] | undefined>()
  const linesOf = (file: string): readonly string[] | undefined => {
    if (!linesByFile.has(file)) linesByFile.set(file, sources?.get(file)?.split('\n'))
    return linesByFile.get(file)
  }
  return {
    project,
    rangeOf: path => project.origins.of(path)?.range,
    textAt: range => textAt(linesOf(range.file), range),
  }
}

function textAt(lines: readonly string[] | undefined, { start, end }: Range): string | undefined {
  const within = lines?.slice(start.line - 1, end.line)
  const last = within?.pop()
  if (within === undefined || last === undefined) return undefined
  return [...within, last.slice(0, end.column - 1)].join('\n').slice(start.column - 1)
}

function toDiagnostic({ code, severity }: RuleWords, finding: Finding, { rangeOf }: LintContext): Diagnostic {
  const { path, ...words } = finding
  const range = placeOf(path, rangeOf)
  return { severity, code, path: renderPath(path), ...words, ...(range === undefined ? {} : { range }) }
}

/** Where the value is written, or what it is a part of. */
function placeOf(path: Path, rangeOf: LintContext['rangeOf']): Range | undefined {
  for (let length = path.length; length > 0; length--) {
    const range = rangeOf(path.slice(0, length))
    if (range) return range
  }
  return undefined
}

function wrongMarks(marks: readonly Mark[], context: LintContext): Diagnostic[] {
  return marks.flatMap(({ path, codes, malformed }) => {
    const unknown = codes.filter(code => !LINT_RULES.some(rule => rule.code === code))
    const summaries = [
      ...(malformed ? ['write x-lint as {ignore: [CODE, …]}'] : []),
      ...unknown.map(code => `x-lint ignores "${code}", which no rule has`),
    ]
    return summaries.map(summary =>
      toDiagnostic(
        UNKNOWN_RULE,
        { path: [...path, 'x-lint'], summary, hint: 'lint --rules lists all codes' },
        context,
      ),
    )
  })
}

function isWanted(path: string | undefined, services: readonly string[]): boolean {
  return services.length === 0 || services.some(name => isBelow(path ?? '', `services.${name}`))
}

/** What services share by an anchor, and the ports of a range, are written once and told once. */
function withoutDoubles(found: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  return found.filter(({ code, range, path, summary }) => {
    const { line, column } = range?.start ?? {}
    const key = range ? `${code} ${range.file} ${line}:${column}` : `${code} ${path} ${summary}`
    return !seen.has(key) && seen.add(key)
  })
}

/** By file in the order of merging, then by line; what has no place comes first. */
function inOrder(found: readonly Diagnostic[], { configFiles }: Project): Diagnostic[] {
  const others = [...new Set(found.map(({ range }) => range?.file ?? ''))].sort()
  const files = ['', ...configFiles, ...others]
  const rank = ({ range }: Diagnostic): readonly number[] => [
    files.indexOf(range?.file ?? ''),
    range?.start.line ?? 0,
    range?.start.column ?? 0,
  ]
  return found.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    const at = left.findIndex((value, index) => value !== right[index])
    return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
  })
}
