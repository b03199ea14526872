import { resolvePlain } from './scalar.ts'

const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const FIRST_INDICATOR = /^[#,[\]{}&*!|>'"%@`]|^[-?:](?=\s|$)|^(?:---|\.\.\.)/
const INNER_INDICATOR = /:(?=\s|$)|\s#/
// What Go's library escapes: all but printable characters of the first plane; tabs and line ends have rules of their own.
const SPECIAL = /[^\n\t\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u

/**
 * Plain data as block YAML, character by character as Go's library writes it, which Docker Compose and the tools of
 * Kubernetes have, so that outputs can be compared as text: texts that another parser could take for something else are in double quotes, lines in `|`.
 */
export function emitYaml(data: unknown): string {
  if (isCollection(data)) return block(data, 0)
  return `${scalar(data, 0)}\n`
}

function block(data: object, indent: number): string {
  const pad = ' '.repeat(indent)
  if (Array.isArray(data)) return data.map(item => `${pad}- ${itemText(item, indent + 2)}`).join('')
  return Object.entries(data)
    .map(([key, value]) => `${pad}${keyText(key)}:${valueText(value, indent)}`)
    .join('')
}

/** What follows `- `: the first line of a collection stands beside the dash. */
function itemText(value: unknown, indent: number): string {
  return isCollection(value) ? block(value, indent).slice(indent) : `${scalar(value, indent - 2)}\n`
}

function valueText(value: unknown, indent: number): string {
  return isCollection(value) ? `\n${block(value, indent + 2)}` : ` ${scalar(value, indent)}\n`
}

function isCollection(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !(value instanceof Date) && Object.keys(value).length > 0
  )
}

function scalar(value: unknown, indent: number): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return text(value, indent)
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object') return '{}'
  return String(value)
}

function keyText(key: string): string {
  return key.includes('\n') ? JSON.stringify(key) : text(key, 0)
}

function text(value: string, indent: number): string {
  if (value.includes('\n')) return lines(value, indent)
  if (
    value === '' ||
    typeof resolvePlain(value) !== 'string' ||
    OLD_BOOLEAN.test(value) ||
    BASE_60.test(value)
  )
    return doubleQuoted(value)
  if (SPECIAL.test(value) || value.includes('\t')) return doubleQuoted(value)
  const padded = value.startsWith(' ') || value.endsWith(' ')
  if (!padded && !FIRST_INDICATOR.test(value) && !INNER_INDICATOR.test(value)) return value
  return `'${value.replaceAll("'", "''")}'`
}

/** The literal form keeps every line as it is; it cannot hold blanks before a line end or at the very end. */
function lines(value: string, indent: number): string {
  if (SPECIAL.test(value) || / (?:\n|$)/.test(value)) return doubleQuoted(value)
  const pad = ' '.repeat(indent + 2)
  const body = value.replace(/\n+$/, '')
  const trailing = value.length - body.length
  const chomp = trailing === 0 ? '-' : trailing === 1 && body !== '' ? '' : '+'
  const hint = /^[ \n]/.test(value) ? '2' : ''
  const rows = (trailing > 1 ? value.slice(0, -1) : body).split('\n')
  return `|${hint}${chomp}\n${rows.map(row => (row === '' ? '' : `${pad}${row}`)).join('\n')}`
}

function doubleQuoted(value: string): string {
  const escaped = [...value].map(char => {
    const named = ESCAPES[char]
    if (named !== undefined) return named
    if (!SPECIAL.test(char)) return char
    const code = char.codePointAt(0) ?? 0
    if (code < 0x100) return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
    return code < 0x10000
      ? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
      : `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`
  })
  return `"${escaped.join('')}"`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x00': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\v': '\\v',
  '\f': '\\f',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\xa0': '\\_',
}
