; Names of captures are Neovim's. No node has two, so that it makes no difference which of two would win.

[
  "import" "let" "default" "block" "net" "train" "require" "labels" "input" "output" "shared" "inline"
  "residual" "shortcut" "on" "repeat" "for" "if" "else" "from"
] @keyword
["and" "or" "not"] @keyword.operator
(loop "in" @keyword)
(in) @variable.builtin

[
  "concat" "add" "sub" "mul" "div" "minimum" "maximum" "matmul" "scaled_dot_product_attention" "gather" "split"
] @function.builtin

(block name: (name) @function)
(net name: (name) @function)
(net base: (name) @function.call)
(recipe_definition name: (name) @function)
(let name: (name) @constant)
(default name: (name) @function.call)
(call name: (name) @function.call)
(application function: (name) @function.call)
(train name: (name) @function.call)
(purpose name: (name) @type)
(input type: (name) @type)
(setting name: (name) @property)
(label name: (name) @label)
(input name: (name) @label)
(path step: (name) @label)
(path step: (number_of_step) @label)
(member name: (name) @property)
(member name: (number_of_step) @property)
(param name: (name) @variable.parameter)
(named_arg name: (name) @variable.parameter)

(integer) @number
(real) @number.float
[(true) (false)] @boolean
(string) @string
(escape) @string.escape
(comment) @comment

["=" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "//" "%" ".." "..=" "->" "|"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," ":" "."] @punctuation.delimiter
