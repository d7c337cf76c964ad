package hygiene

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// Privileges observes the pods of the namespace and every role that is bound to
// its accounts, in the namespace or the cluster. Who may not list
// ClusterRoleBindings gets an error that says the precondition is unmet.
func (o *Observer) Privileges(ctx context.Context, namespace string) (evidence.Privileges, error) {
	specs, err := o.PodSpecs(ctx, namespace)
	if err != nil {
		return evidence.Privileges{}, err
	}
	grants, err := o.grants(ctx, namespace)
	return evidence.Privileges{Pods: specs, Grants: grants}, observe.NeedsRights(err)
}

func (o *Observer) grants(ctx context.Context, namespace string) ([]evidence.Grant, error) {
	grants := []evidence.Grant{}
	local, err := o.kube.Set.RbacV1().RoleBindings(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list RoleBindings of namespace %s: %w", namespace, err)
	}
	for _, b := range local.Items {
		if grants, err = o.grant(ctx, grants, namespace, b.Subjects, b.RoleRef, "RoleBinding "+b.Namespace+"/"+b.Name); err != nil {
			return nil, err
		}
	}
	global, err := o.kube.Set.RbacV1().ClusterRoleBindings().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list ClusterRoleBindings: %w", err)
	}
	for _, b := range global.Items {
		if grants, err = o.grant(ctx, grants, namespace, b.Subjects, b.RoleRef, "ClusterRoleBinding "+b.Name); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(grants, func(a, b evidence.Grant) int { return cmp.Compare(a.Binding, b.Binding) })
	return grants, nil
}

// grant appends what a binding gives to the namespace's accounts, if anything.
func (o *Observer) grant(ctx context.Context, grants []evidence.Grant, namespace string, subjects []rbacv1.Subject, role rbacv1.RoleRef, binding string) ([]evidence.Grant, error) {
	one := evidence.Grant{Binding: binding, Role: role.Kind + " " + role.Name}
	if role.Kind == "Role" {
		one.Role = role.Kind + " " + namespace + "/" + role.Name
	}
	// An account may also be named as the user that it is.
	user := "system:serviceaccount:" + namespace + ":"
	everybody := []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"}
	for _, s := range subjects {
		switch {
		case s.Kind == rbacv1.ServiceAccountKind && s.Namespace == namespace:
			one.Accounts = append(one.Accounts, s.Name)
		case s.Kind == rbacv1.UserKind && strings.HasPrefix(s.Name, user):
			one.Accounts = append(one.Accounts, strings.TrimPrefix(s.Name, user))
		case s.Kind == rbacv1.GroupKind && slices.Contains(everybody, s.Name):
			one.Groups = append(one.Groups, s.Name)
		}
	}
	if len(one.Accounts)+len(one.Groups) == 0 {
		return grants, nil
	}
	rules, err := o.rules(ctx, namespace, role)
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("read %s, which %s binds: %w", one.Role, binding, err)
	}
	for _, r := range rules {
		one.Rules = append(one.Rules, evidence.Rule{APIGroups: r.APIGroups, Resources: slices.Concat(r.Resources, r.NonResourceURLs), Verbs: r.Verbs})
	}
	return append(grants, one), nil
}

func (o *Observer) rules(ctx context.Context, namespace string, role rbacv1.RoleRef) ([]rbacv1.PolicyRule, error) {
	if role.Kind == "Role" {
		found, err := o.kube.Set.RbacV1().Roles(namespace).Get(ctx, role.Name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		return found.Rules, nil
	}
	found, err := o.kube.Set.RbacV1().ClusterRoles().Get(ctx, role.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return found.Rules, nil
}
