package cometchat

import "context"

// asServer makes a call with the key: on behalf of the user of OnBehalfOf, or else as the app.
func (a *Admin) asServer(ctx context.Context, op string, call func(context.Context, caller) error) (err error) {
	ctx, end, err := a.lifecycle().begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	by := caller{rest: a.rest, uid: AppUID, credential: a.key(), server: true}
	if a.onBehalfOf != "" {
		if err := checkUID(op, a.onBehalfOf); err != nil {
			return err
		}
		by.uid, by.onBehalfOf = foldUID(a.onBehalfOf), a.onBehalfOf
	}
	return call(ctx, by)
}

// forUser is asServer for a call that needs a user.
func (a *Admin) forUser(ctx context.Context, op string, call func(context.Context, caller) error) error {
	return a.asServer(ctx, op, func(ctx context.Context, by caller) error {
		if by.onBehalfOf == "" {
			return noActor(op)
		}
		return call(ctx, by)
	})
}

// noActor is the error of a call that needs a user and has none.
func noActor(op string) error {
	return newError(op, ErrMissingParameters, "%s acts for a user: name the user with Admin.OnBehalfOf", op)
}
