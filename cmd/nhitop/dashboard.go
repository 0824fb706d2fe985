package main

import (
	"context"
	"errors"

	"nhitop/cmd/internal/wire"
)

// dashboard opens the screen. It needs a terminal on both sides, unless it is line by line.
func (c *cli) dashboard(ctx context.Context) error {
	_, in := terminal(c.in)
	_, out := terminal(c.out)
	if !c.plain && (!in || !out) {
		return usage(errors.New("the dashboard needs a terminal; without one, use nhitop scan"))
	}
	app, err := c.start()
	if err != nil {
		return err
	}
	return app.Dashboard(ctx, wire.Screen{NoColor: !c.color(), Plain: c.plain, In: c.in, Out: c.out})
}
