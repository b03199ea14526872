// The language, clause by clause: what a template makes of a value, as Go's text/template and Docker's functions do.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '../diagnostics/index.ts'
import { DOCKER_FUNCTIONS, GO_FUNCTIONS, parseTemplate } from './index.ts'

const FUNCTIONS = { ...GO_FUNCTIONS, ...DOCKER_FUNCTIONS }
const WEB = {
  Name: 'shop-web-1',
  State: 'running',
  Health: '',
  ExitCode: 0,
  Publishers: [
    { URL: '0.0.0.0', TargetPort: 80, PublishedPort: 18081 },
    { URL: '::', TargetPort: 80, PublishedPort: 18081 },
  ],
  Nothing: [],
  Labels: new Map([
    ['tier', 'front'],
    ['a', 'z'],
  ]),
  Label: (name: string) => ({ tier: 'front' })[name] ?? '',
}

const render = (text: string, data: unknown = WEB): string =>
  parseTemplate({ name: '--format', text }, FUNCTIONS).execute(data)

describe('text and actions', () => {
  test.each([
    ['as it is', 'as it is'],
    ['{{.Name}} is {{.State}}', 'shop-web-1 is running'],
    ['a {{- .State -}} b', 'arunningb'],
    ['a\n\t{{- " " -}}\n b', 'a b'],
    ['{{3 -}} x', '3x'],
    ['{{-3}}', '-3'],
    ['{{/* nothing */}}x', 'x'],
    ['a {{- /* nothing\nat all */ -}} b', 'ab'],
    ['{{`}}`}}', '}}'],
    ['} {{"{{"}} }}', '} {{ }}'],
    ['{{ .Name }}{{\n.State\n}}', 'shop-web-1running'],
  ])('%j', (text, wanted) => {
    expect(render(text)).toBe(wanted)
  })
})

test('where a shell user writes it, \\t and \\n of the text are a tab and a newline, and it may begin behind a word', () => {
  const text = 'table {{.Name}}\\t{{"a\\tb"}}\\n{{- .State}}\\x'
  const template = parseTemplate({ name: '--format', text, from: 6, hasEscapes: true }, FUNCTIONS)
  expect(template.execute(WEB)).toBe('shop-web-1\ta\tbrunning\\x')
})

describe('values', () => {
  test.each([
    ['{{"a\\tb\\n\\x41\\u00e9\\U0001f600\\101"}}', 'a\tb\nAé😀A'],
    ['{{`raw\\n`}}', 'raw\\n'],
    ["{{'a'}} {{'\\n'}}", '97 10'],
    [
      '{{1.0}} {{1e3}} {{1.5e30}} {{0x10}} {{0b11}} {{0o17}} {{017}} {{1_000}}',
      '1 1000 1.5e+30 16 3 15 15 1000',
    ],
    ['{{1000000000000000000000.0}} {{0.00001}} {{.5}} {{+2}}', '1e+21 1e-05 0.5 2'],
    ['{{true}} {{false}}', 'true false'],
    ['{{.Publishers}}', '[{0.0.0.0 80 18081} {:: 80 18081}]'],
    ['{{.Labels}}', 'map[a:z tier:front]'],
    ['{{.Labels.tier}} {{.Labels.nosuch}}', 'front <no value>'],
    ['{{.Label "tier"}} {{.Label "nosuch"}}|', 'front |'],
    ['{{(index .Publishers 1).URL}} {{$.Name}}', ':: shop-web-1'],
  ])('%s', (text, wanted) => {
    expect(render(text)).toBe(wanted)
  })

  test('dot may be anything', () => {
    expect(render('{{.}}', 'x')).toBe('x')
    expect(render('{{.}}', null)).toBe('<no value>')
    expect(render('{{range .}}<{{.}}>{{end}}', [1, 'a', true])).toBe('<1><a><true>')
  })
})

describe('pipelines', () => {
  test.each([
    ['{{.Name | upper | printf "%s!"}}', 'SHOP-WEB-1!'],
    ['{{"-" | split .Name | len}}', '3'],
    ['{{"tier" | .Label}}', 'front'],
    ['{{.Publishers | len | lt 1}}', 'true'],
    ['{{join (split .Name "-") "+"}}', 'shop+web+1'],
    ['{{len (printf "%s%s" .State .State)}}', '14'],
  ])('%s', (text, wanted) => {
    expect(render(text)).toBe(wanted)
  })
})

describe('variables', () => {
  test.each([
    ['{{$x := .Name}}{{$x}}', 'shop-web-1'],
    ['{{$x := 1}}{{$x = 2}}{{$x}}', '2'],
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', '2'],
    ['{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}', '21'],
    ['{{range .Publishers}}{{$.Name}}/{{.URL}} {{end}}', 'shop-web-1/0.0.0.0 shop-web-1/:: '],
    ['{{$sum := 0}}{{range $i, $p := .Publishers}}{{$sum = $i}}{{end}}{{$sum}}', '1'],
    ['{{with $n := .State}}{{$n}}{{.}}{{end}}', 'runningrunning'],
  ])('%s', (text, wanted) => {
    expect(render(text)).toBe(wanted)
  })
})

describe('if and with', () => {
  const choice = '{{if eq .State "x"}}X{{else if eq .State "running"}}R{{else}}O{{end}}'
  test.each([
    [choice, 'R'],
    ['{{if .Health}}h{{end}}{{if not .Health}}n{{end}}', 'n'],
    ['{{if .ExitCode}}bad{{else}}good{{end}}', 'good'],
    ['{{if .Nothing}}some{{else}}none{{end}} {{if .Labels}}labels{{end}}', 'none labels'],
    ['{{with .Health}}H={{.}}{{else}}none{{end}}', 'none'],
    ['{{with .State}}{{.}} of {{$.Name}}{{end}}', 'running of shop-web-1'],
    ['{{with .Health}}1{{else with .State}}2{{.}}{{else}}3{{end}}', '2running'],
    ['{{if and .State (eq .ExitCode 0)}}fine{{end}}', 'fine'],
    ['{{if or .Health .State}}either{{end}}', 'either'],
  ])('%s', (text, wanted) => {
    expect(render(text)).toBe(wanted)
  })

  test('and and or look no further than they must', () => {
    expect(render('{{and .Health (index .Nothing 3)}}|{{or .State (index .Nothing 3)}}')).toBe('|running')
  })
})

describe('range', () => {
  test.each([
    ['{{range .Publishers}}{{.URL}}->{{.TargetPort}};{{end}}', '0.0.0.0->80;::->80;'],
    ['{{range $i, $p := .Publishers}}{{if $i}}, {{end}}{{$p.URL}}{{end}}', '0.0.0.0, ::'],
    ['{{range $p := .Publishers}}{{$p.URL}} {{end}}', '0.0.0.0 :: '],
    ['{{range .Nothing}}x{{else}}none{{end}}', 'none'],
    ['{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}', 'a=z tier=front '],
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{range $i, $p := .Publishers}}{{if $i}}{{break}}{{end}}{{$p.URL}}{{end}}', '0.0.0.0'],
    ['{{range 4}}{{if eq . 1 2}}{{continue}}{{end}}{{.}}{{end}}', '03'],
    ['{{range .Nosuch}}x{{else}}none{{end}}', 'none'],
  ])('%s', (text, wanted) => {
    expect(render(text, text.includes('Nosuch') ? new Map() : WEB)).toBe(wanted)
  })
})

describe('templates in templates', () => {
  test.each([
    ['{{define "x"}}<{{.}}>{{end}}{{template "x" .Name}}', '<shop-web-1>'],
    ['{{template "x"}}{{define "x"}}<{{.}}>{{end}}', '<<no value>>'],
    ['{{block "y" .State}}[{{.}}]{{end}}', '[running]'],
    ['{{$v := 1}}{{define "z"}}{{$}}{{end}}{{template "z" 7}}{{$v}}', '71'],
  ])('%s', (text, wanted) => {
    expect(render(text)).toBe(wanted)
  })
})

describe('functions of Go', () => {
  test.each([
    ['eq "a" "b" "a"', 'true'],
    ['ne 1 2', 'true'],
    ['lt 1 2', 'true'],
    ['le 2 2', 'true'],
    ['gt "b" "a"', 'true'],
    ['ge 1 2', 'false'],
    ['eq nil nil', 'true'],
    ['and 1 0 2', '0'],
    ['or 0 "" "x"', 'x'],
    ['not 0', 'true'],
    ['len "häß"', '3'],
    ['len .Labels', '2'],
    ['index .Labels "tier"', 'front'],
    ['index "abc" 1', '98'],
    ['slice .Name 0 4', 'shop'],
    ['slice .Name 5', 'web-1'],
    ['len (slice .Publishers 1)', '1'],
    ['print 1 2 "a" "b" 3', '1 2ab3'],
    ['println "a" 1', 'a 1\n'],
    [`html "<a href='x'>&\\""`, '&lt;a href=&#39;x&#39;&gt;&amp;&#34;'],
    ['js "a\\"<b>"', 'a\\"\\u003Cb\\u003E'],
    ['urlquery "a b&c"', 'a+b%26c'],
  ])('%s', (call, wanted) => {
    expect(render(`{{${call}}}`)).toBe(wanted)
  })
})

describe('functions of Docker', () => {
  test.each([
    ['json .Name', '"shop-web-1"'],
    [
      'json .Publishers',
      '[{"URL":"0.0.0.0","TargetPort":80,"PublishedPort":18081},{"URL":"::","TargetPort":80,"PublishedPort":18081}]',
    ],
    ['json .Labels', '{"tier":"front","a":"z"}'],
    ['json nil', 'null'],
    ['json "<a> & b"', '"<a> & b"'],
    ['upper "aB"', 'AB'],
    ['lower "aB"', 'ab'],
    ['title "shop-web 1 x_y"', 'Shop-Web 1 X_y'],
    ['pad "x" 2 3', '  x   '],
    ['pad "" 2 3', ''],
    ['truncate .Name 4', 'shop'],
    ['truncate "abc" 10', 'abc'],
    ['join (split "a,b" ",") "+"', 'a+b'],
  ])('%s', (call, wanted) => {
    expect(render(`{{${call}}}`)).toBe(wanted)
  })

  test('a record as JSON is its fields, without its methods', () => {
    expect(JSON.parse(render('{{json .}}'))).toEqual({
      ...WEB,
      Labels: { tier: 'front', a: 'z' },
      Label: undefined,
    })
  })
})

describe('what is wrong is told with its place', () => {
  test.each([
    ['{{.Name', 1, 'TEMPLATE_SYNTAX', 'the action does not end'],
    ['a\n{{.Name}', 8, 'TEMPLATE_SYNTAX', '"}" means nothing here'],
    ['{{if .Name}}x', 3, 'TEMPLATE_SYNTAX', 'this {{if}} does not end'],
    ['{{end}}', 3, 'TEMPLATE_SYNTAX', 'there is nothing that this {{end}} belongs to'],
    ['{{if 1}}{{else}}{{else}}{{end}}', 19, 'TEMPLATE_SYNTAX', 'this {{if}} has an {{else}} already'],
    ['{{break}}', 3, 'TEMPLATE_SYNTAX', '{{break}} stands outside of any {{range}}'],
    ['{{}}', 3, 'TEMPLATE_SYNTAX', 'want a value in this action'],
    ['{{.Name | }}', 11, 'TEMPLATE_SYNTAX', 'want a value in this action'],
    ['{{.Name | "x"}}', 11, 'TEMPLATE_SYNTAX', 'want a function or a field after |'],
    ['{{"x" 1}}', 7, 'TEMPLATE_SYNTAX', '"x" is no function: it takes no arguments'],
    ['{{(len .Name}}', 3, 'TEMPLATE_SYNTAX', 'this parenthesis does not close'],
    ['{{"abc}}', 3, 'TEMPLATE_SYNTAX', 'the text does not end: a " is missing'],
    ['{{"\\y"}}', 3, 'TEMPLATE_SYNTAX', '\\y is no escape of Go'],
    ["{{'ab'}}", 3, 'TEMPLATE_SYNTAX', 'want one character between single quotes'],
    ['{{1x}}', 3, 'TEMPLATE_SYNTAX', '"1x" is no number'],
    ['{{nil}}', 3, 'TEMPLATE_SYNTAX', 'nil is no value to begin with'],
    ['{{$y}}', 3, 'TEMPLATE_SYNTAX', 'there is no variable $y here'],
    ['{{if 1}}{{$y := 1}}{{end}}{{$y}}', 29, 'TEMPLATE_SYNTAX', 'there is no variable $y here'],
    ['{{uper .Name}}', 3, 'TEMPLATE_SYNTAX', 'there is no function "uper"'],
    ['{{/* x', 1, 'TEMPLATE_SYNTAX', 'the comment does not end'],
    ['{{/* x */ .Name}}', 11, 'TEMPLATE_SYNTAX', 'a comment is alone in its action'],
    ['{{template x}}', 12, 'TEMPLATE_SYNTAX', 'want a name in quotes after template'],
    ['{{ .Nmae }}', 4, 'TEMPLATE_VALUE', 'there is no field Nmae'],
    ['{{.Name.Foo}}', 8, 'TEMPLATE_VALUE', 'text has no field Foo'],
    ['{{.Publishers.URL}}', 14, 'TEMPLATE_VALUE', 'list has no field URL'],
    ['{{.Name "x"}}', 3, 'TEMPLATE_VALUE', 'Name takes no arguments: it is no function'],
    ['{{truncate .Name}}', 3, 'TEMPLATE_VALUE', 'truncate wants 2 arguments, got 1'],
    ['{{truncate .Name "a"}}', 3, 'TEMPLATE_VALUE', 'truncate: want a whole number, got text "a"'],
    ['{{join .Name ","}}', 3, 'TEMPLATE_VALUE', 'join: want a list, got text "shop-web-1"'],
    ['{{eq .Name 1}}', 3, 'TEMPLATE_VALUE', 'eq: text cannot be compared with number'],
    ['{{lt .Labels .Labels}}', 3, 'TEMPLATE_VALUE', 'lt: values of the kind map cannot be compared'],
    [
      '{{index .Publishers 9}}',
      3,
      'TEMPLATE_VALUE',
      'index: there is no element 9: there are 2, counted from 0',
    ],
    ['{{len 3}}', 3, 'TEMPLATE_VALUE', 'len: number has no length'],
    ['{{range .Name}}{{end}}', 9, 'TEMPLATE_VALUE', 'range cannot go through text'],
    ['{{template "x"}}', 1, 'TEMPLATE_VALUE', 'there is no template "x"'],
    [
      '{{define "x"}}{{template "x"}}{{end}}{{template "x"}}',
      15,
      'TEMPLATE_VALUE',
      'template "x" calls itself without an end',
    ],
    ['{{.constructor}}', 3, 'TEMPLATE_VALUE', 'there is no field constructor'],
  ])('%j', (text, column, code, summary) => {
    const line = text.startsWith('a\n') ? 2 : 1
    const start = { line, column }
    expect(() => render(text)).toThrow(
      expect.objectContaining({
        code,
        diagnostics: [
          expect.objectContaining({ summary, range: expect.objectContaining({ file: '--format', start }) }),
        ],
      }),
    )
  })

  test('whatever is written, it is text or a failure', () => {
    const pieces = [
      '{{',
      '}}',
      '{{-',
      '-}}',
      ' ',
      '.Name',
      '$',
      '$x',
      ':=',
      '|',
      '(',
      ')',
      '"a"',
      '`',
      "'",
      ',',
      '=',
    ]
    const words = [
      'if',
      'else',
      'end',
      'range',
      'with',
      'define',
      'template',
      'block',
      'break',
      'nil',
      'len',
      'index',
      '3',
      '/*',
      '*/',
      '\\',
      'printf',
    ]
    const text = fc
      .array(fc.oneof(fc.constantFrom(...pieces, ...words), fc.string({ maxLength: 3 })))
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(text, each => {
        try {
          return typeof render(each) === 'string'
        } catch (error) {
          return error instanceof Failure && error.code.startsWith('TEMPLATE_')
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['{{uper .Name}}', 'did you mean upper?'],
    [
      '{{.Nmae}}',
      'did you mean Name? fields are Name, State, Health, ExitCode, Publishers, Nothing, Labels, Label',
    ],
    ['{{.Publishers.URL}}', 'go through a list with {{range}}, or take one with index'],
  ])('%s: what there is', (text, hint) => {
    expect(() => render(text)).toThrow(
      expect.objectContaining({ diagnostics: [expect.objectContaining({ hint })] }),
    )
  })
})
