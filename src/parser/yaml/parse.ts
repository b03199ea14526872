import type { CST } from 'yaml'
import { Composer, isScalar, type ParsedNode, Parser } from 'yaml'
import type { Reporter } from '../reporter.ts'
import type { Node } from '../tree/node.ts'
import type { Source } from '../tree/source.ts'
import { Converter } from './convert.ts'
import { readSubset } from './subset/read.ts'
import { reportSyntax } from './syntax.ts'

const OPTIONS = {
  schema: 'failsafe',
  resolveKnownTags: false,
  uniqueKeys: false,
  merge: false,
  prettyErrors: false,
  logLevel: 'silent',
  stringKeys: false,
} as const

/** What a YAML text may hold in escapes alone. */
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]/

/** The documents of a YAML text as trees; a file without any has none. Reports what is wrong and returns what is usable. */
export function parseYaml(source: Source, reporter: Reporter): Node[] {
  const control = source.text.search(CONTROL)
  if (control >= 0) {
    reporter.error('YAML_SYNTAX', 'remove the control character', {
      span: { source, start: control, end: control + 1 },
      hint: 'in double quotes it can be written as an escape, such as \\x07',
    })
    return []
  }
  const document = readSubset(source)
  return document ? [document] : parseWholeYaml(source, reporter)
}

/** Reads any YAML, with the library's parser. */
export function parseWholeYaml(source: Source, reporter: Reporter): Node[] {
  const tokens = [...new Parser().parse(source.text)]
  const deep = tokens.map(tooDeep).find(token => token !== undefined)
  if (deep) {
    const span = { source, start: deep.offset, end: deep.offset + 1 }
    reporter.error('YAML_TOO_DEEP', 'nest less deeply: the file has too many levels', { span })
    return []
  }
  const documents: Node[] = []
  // Anchors hold for all documents of a file.
  const converter = new Converter(source, reporter)
  const composed = [...new Composer<ParsedNode>(OPTIONS).compose(tokens)]
  for (const document of composed) {
    if (document.errors.length > 0) {
      reportSyntax(document.errors, source, reporter)
      return []
    }
    const { contents } = document
    const isEmpty = contents === null || (isScalar(contents) && contents.source === '')
    if (!isEmpty) documents.push(converter.convert(contents))
    else if (composed.length > 1) {
      // A file may be empty; one document among others may not.
      const [start] = document.range
      documents.push({ kind: 'scalar', value: null, span: { source, start, end: start + 1 } })
    }
  }
  return documents
}

/** How many collections may stand in one another. The parser's next step recurses, so a limit must come before the stack's. */
const LEVELS = 500

/** The first collection below too many levels; undefined where there is none. Without recursion, for the same reason. */
function tooDeep(document: CST.Token): CST.Token | undefined {
  const open: (readonly [CST.Token, number])[] = [[document, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, level] = next
    if (level > LEVELS && 'items' in token) return token
    for (const part of partsOf(token)) open.push([part, level + 1])
  }
  return undefined
}

function partsOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) =>
    [key, value].filter(part => part !== undefined && part !== null),
  )
}
