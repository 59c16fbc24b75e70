// The grammar of .net files, rule by rule as docs/language.md has it ("Grammar"). An editor shows what is being written, so it
// is laxer than netc in places: '{' may stand on a line of its own, comparisons chain, arguments by position follow named
// ones, and a word of the grammar is a name wherever the grammar has no use for it.

const PRECEDENCE = {
  conditional: 1,
  or: 2,
  and: 3,
  not: 4,
  comparison: 5,
  sum: 6,
  product: 7,
  minus: 8,
  postfix: 9,
};

// Words that may also name a parameter or a constant.
const WORDS = ['labels', 'output', 'input', 'from', 'shortcut', 'net', 'block', 'train', 'shared'];

// What a fork joins its branches by.
const FORKS = ['concat', 'add', 'sub', 'mul', 'div', 'minimum', 'maximum', 'matmul', 'scaled_dot_product_attention',
  'gather', 'split'];

// Words that may name a label, a member or an argument only.
const LABEL_WORDS = [...FORKS, 'import', 'let', 'default', 'require', 'inline', 'residual', 'on', 'repeat'];

const separated = (separator, rule) => seq(rule, repeat(seq(separator, rule)));
const listed = rule => seq(separated(',', rule), optional(','));

module.exports = grammar({
  name: 'net',

  // A line break that ends a statement: what stands on the next line decides too (src/scanner.c).
  externals: $ => [$._newline],
  extras: $ => [/[ \t\r\n]/, $.comment],
  word: $ => $.name,

  // A line break in a branch is followed by a statement, or by another branch with a condition: `if c | …`.
  conflicts: $ => [[$._statements]],

  rules: {
    file: $ => optional(separated($._newline, $._item)),

    _item: $ => choice($.import, $.let, $.default, $.block, $.net, $.recipe_definition),
    import: $ => seq('import', field('file', $.string)),
    let: $ => seq('let', field('name', $._word), optional(field('params', $.params)), '=', field('value', $._expr)),
    default: $ => seq('default', field('name', $.name), field('args', $.args)),
    block: $ => seq('block', field('name', $.name), optional(field('params', $.params)), field('body', $.body)),
    net: $ => seq('net', field('name', $.name), choice(
      seq(optional(field('params', $.params)), field('body', $.body)),
      seq('=', field('base', $.name), optional(field('args', $.args))),
    )),
    recipe_definition: $ => seq('train', field('name', $.name), optional(field('params', $.params)), field('body', $.recipe)),

    params: $ => seq('(', optional(listed($.param)), ')'),
    param: $ => seq(field('name', $._word), optional(seq('=', field('default', $._expr)))),

    // Bodies and statements

    body: $ => seq('{', optional($._statements), '}'),
    _statements: $ => separated($._newline, $._statement),
    _statement: $ => choice($.pipeline, $.let, $.default, $.require, $.labels, $.train, $.output, $.input),

    require: $ => seq('require', field('condition', $._expr)),
    labels: $ => seq('labels', field('file', $.string)),
    train: $ => seq('train', choice($.recipe, seq(field('name', $.name), optional(field('args', $.args))))),
    output: $ => seq('output', field('purpose', $.purpose)),
    input: $ => seq(
      'input', field('name', $._word), field('shape', $.shape),
      optional(seq(':', field('type', $.name))), optional(field('preparation', $.body)),
    ),
    shape: $ => seq('[', listed($._expr), ']'),

    recipe: $ => seq('{', optional(separated($._newline, $.setting)), '}'),
    setting: $ => seq(field('name', $.name), field('value', choice($._expr, $.body))),

    pipeline: $ => separated('->', $.step),
    step: $ => seq(
      optional(seq(optional('shared'), field('label', $.label), ':', optional(seq('output', optional(field('purpose', $.purpose)))))),
      field('action', $._action),
    ),
    label: $ => choice(
      field('name', $._any_word),
      field('name', $.string),
      seq('(', field('name', $._expr), ')'),
      seq(field('name', choice($._word, $.string)), repeat1($._index)),
    ),
    purpose: $ => seq(field('name', $.name), optional(field('args', $.args))),
    _index: $ => seq('[', field('index', $._expr), ']'),

    // Actions

    _action: $ => choice(
      $.call, $.body, $.fork, $.residual, $.on, $.repeat, $.loop, $.if, $.from,
    ),
    call: $ => seq(
      optional('inline'),
      field('name', choice($.name, alias(choice('net', 'block'), $.name), $.dotted)),
      optional(field('args', $.args)),
    ),
    // Python's nn.Conv2d, which is the name of nothing: netc says so.
    dotted: $ => seq($.name, repeat1(seq('.', $._any_word))),
    fork: $ => seq(field('join', choice(...FORKS)), optional(field('args', $.args)), choice($._branches, $.loop)),
    _branches: $ => seq(
      '{', choice($.branch, $.conditional_branch), repeat(choice($.branch, seq($._newline, $.conditional_branch))), '}',
    ),
    branch: $ => seq('|', $._statements),
    conditional_branch: $ => seq('if', field('condition', $._expr), '|', $._statements),
    residual: $ => seq(
      'residual', optional(seq('if', field('condition', $._expr))), field('body', $.body),
      optional(field('shortcut', $.shortcut)),
    ),
    shortcut: $ => seq('shortcut', optional(seq('if', field('condition', $._expr))), field('body', $.body)),
    on: $ => seq('on', field('device', $.integer), field('body', $.body)),
    repeat: $ => seq('repeat', field('count', $._expr), field('body', $.body)),
    loop: $ => seq('for', field('pattern', $.pattern), 'in', field('range', choice($._expr, $.range)), field('body', $.body)),
    if: $ => seq(
      'if', field('condition', $._expr), field('body', $.body),
      optional(seq('else', field('else', choice($.body, $.if)))),
    ),
    from: $ => seq('from', field('path', $.path)),

    path: $ => seq($._path_step, repeat(choice(seq('.', $._path_step), field('step', $.number_of_step), $._index))),
    _path_step: $ => choice(field('step', choice($._any_word, $.string)), seq('(', field('step', $._expr), ')')),
    pattern: $ => separated(',', $._part),
    _part: $ => choice($._word, $.tuple_pattern),
    tuple_pattern: $ => seq('(', listed($._part), ')'),
    range: $ => seq(field('first', $._expr), choice('..', '..='), field('last', $._expr)),

    // Expressions

    args: $ => seq('(', optional(listed($._arg)), ')'),
    _arg: $ => choice($._expr, $.named_arg),
    named_arg: $ => seq(
      field('name', choice($._any_word, alias('in', $.name))), '=', field('value', $._expr),
    ),

    _expr: $ => choice(
      $.conditional, $.binary, $.unary, $.member, $.index, $.application, $.tuple, $.list, $.parenthesized,
      $._word, $.string, $.integer, $.real, $.true, $.false, $.in,
    ),
    conditional: $ => prec.right(PRECEDENCE.conditional, seq(
      field('then', $._expr), 'if', field('condition', $._expr), 'else', field('else', $._expr),
    )),
    binary: $ => choice(...[
      [PRECEDENCE.or, ['or']],
      [PRECEDENCE.and, ['and']],
      [PRECEDENCE.comparison, ['==', '!=', '<', '<=', '>', '>=']],
      [PRECEDENCE.sum, ['+', '-']],
      [PRECEDENCE.product, ['*', '/', '//', '%']],
    ].map(([precedence, operators]) => prec.left(precedence, seq(
      field('left', $._expr), field('operator', choice(...operators)), field('right', $._expr),
    )))),
    unary: $ => choice(
      prec(PRECEDENCE.not, seq(field('operator', 'not'), field('operand', $._expr))),
      prec(PRECEDENCE.minus, seq(field('operator', '-'), field('operand', $._expr))),
    ),
    member: $ => prec(PRECEDENCE.postfix, seq(
      field('of', $._expr), choice(seq('.', field('name', $._any_word)), field('name', $.number_of_step)),
    )),
    index: $ => prec(PRECEDENCE.postfix, seq(field('of', $._expr), $._index)),
    application: $ => prec(PRECEDENCE.postfix, seq(field('function', $._expr), field('args', $.args))),
    parenthesized: $ => seq('(', $._expr, ')'),
    tuple: $ => seq('(', optional(seq($._expr, ',', optional(listed($._expr)))), ')'),
    list: $ => seq('[', optional(listed($._expr)), ']'),

    // Tokens

    _word: $ => choice($.name, alias(choice(...WORDS), $.name)),
    _any_word: $ => choice($._word, alias(choice(...LABEL_WORDS), $.name)),
    name: $ => /[A-Za-z_][A-Za-z_0-9]*/,
    integer: $ => /[0-9]+([KMG]i?)?/,
    real: $ => /([0-9]*\.[0-9]+([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)([KMG]i?)?/,
    number_of_step: $ => token.immediate(/\.[0-9]+/),
    true: $ => 'true',
    false: $ => 'false',
    in: $ => 'in',
    string: $ => seq('"', repeat(choice(token.immediate(prec(1, /[^"\\\n]+/)), $.escape)), token.immediate('"')),
    escape: $ => token.immediate(/\\["\\nt]/),
    comment: $ => token(/#[^\n]*/),
  },
});
