[(body) (recipe) (fork) (args) (params) (shape) (list) (tuple) (parenthesized)] @indent.begin
["}" ")" "]"] @indent.branch @indent.end
