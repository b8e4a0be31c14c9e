"""Personal exports, one module (or package) a source. Each tells in its docstring the format that it reads."""
